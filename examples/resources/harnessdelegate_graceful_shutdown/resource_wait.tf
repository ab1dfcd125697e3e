# The apply ends when all pods are replaced and available.
resource "harnessdelegate_graceful_shutdown" "payments" {
  namespace = "harness-delegate-ng"
  name      = "payments-delegate"

  termination_grace_period_seconds = 3600
  force_conflicts                  = true
  wait_for_rollout                 = true

  timeouts {
    create = "15m"
    update = "15m"
  }
}
