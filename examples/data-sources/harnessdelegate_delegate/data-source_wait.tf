# Stands for what installs the delegate: a helm_release, a Deployment, a module.
resource "terraform_data" "installation" {
  input = "payments-delegate"
}

# Read once that is applied, and only when every replica is up. Whatever takes
# its values from here comes after that.
data "harnessdelegate_delegate" "payments" {
  org_id     = "default"
  project_id = "payments"
  name       = "payments-delegate"

  wait_for {
    connected    = true
    min_replicas = 1
    image        = "registry.example.com/payments/delegate:24.04.82804"
  }

  timeouts { read = "30m" }

  depends_on = [terraform_data.installation]
}

output "payments_version" {
  value = data.harnessdelegate_delegate.payments.version
}
