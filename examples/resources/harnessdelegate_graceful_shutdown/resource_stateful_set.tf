# An older delegate, which is a StatefulSet.
resource "harnessdelegate_graceful_shutdown" "payments" {
  namespace = "harness-delegate-ng"
  kind      = "StatefulSet"
  name      = "payments-delegate"

  termination_grace_period_seconds = 3600
  force_conflicts                  = true
}
