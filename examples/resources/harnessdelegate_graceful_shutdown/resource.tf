# The delegate's Helm chart sets 600 seconds, and its pipelines have steps that
# take three quarters of an hour.
resource "harnessdelegate_graceful_shutdown" "payments" {
  namespace = "harness-delegate-ng"
  name      = "payments-delegate"

  termination_grace_period_seconds = 3600
  longest_task_seconds             = 2700

  # Helm has set the field, and sets it again with each "helm upgrade". The plan
  # after that shows it, and the apply takes the field over once more.
  force_conflicts = true
}
