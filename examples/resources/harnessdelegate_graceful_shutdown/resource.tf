# The delegate's Helm chart sets 600 seconds. Its pipelines have steps that take 45
# minutes.
resource "harnessdelegate_graceful_shutdown" "payments" {
  namespace = "harness-delegate-ng"
  name      = "payments-delegate"

  termination_grace_period_seconds = 3600
  longest_task_seconds             = 2700

  # Helm owns the field. The plan says what the next "helm upgrade" does after the
  # takeover: Helm 3 sets its value again, Helm 4 fails with a conflict.
  force_conflicts = true
}
