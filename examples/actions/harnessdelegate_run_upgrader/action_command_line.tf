# Runs an upgrader that Terraform doesn't manage, whenever it is asked to:
#
#   terraform apply -invoke=action.harnessdelegate_run_upgrader.payments
action "harnessdelegate_run_upgrader" "payments" {
  config {
    id = "kubernetes/harness-delegate-ng/payments-delegate-upgrader-job"

    timeouts {
      invoke = "10m"
    }
  }
}
