resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}

# The state of its runs in the cluster, and of the delegate in Harness. org_id and
# project_id are the delegate's scope.
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
