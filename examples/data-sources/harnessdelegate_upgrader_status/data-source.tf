variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}

# What the cluster knows of its runs and, as the delegate is in a project, what
# the Manager says of the delegate there.
data "harnessdelegate_upgrader_status" "payments" {
  id         = harnessdelegate_upgrader.payments.id
  org_id     = "default"
  project_id = "payments"
}

output "upgrader" {
  value = {
    problem  = data.harnessdelegate_upgrader_status.payments.problem
    versions = try(data.harnessdelegate_upgrader_status.payments.delegate.replicas[*].version, [])
  }
}
