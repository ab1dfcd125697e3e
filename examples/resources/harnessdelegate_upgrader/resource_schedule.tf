resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  # Every 30 minutes. The longest gap between two runs should be 90 minutes or less.
  schedule = "*/30 * * * *"

  # false suspends the upgrader, for example during a change freeze.
  auto_upgrade = true

  kubernetes {
    namespace = "harness-delegate-ng"
    timezone  = "Europe/Berlin"

    # Stop a run after ten minutes, and don't retry it: the next run follows soon.
    active_deadline_seconds = 600
    backoff_limit           = 0

    # Skip a run that can't start within five minutes. Keep the Jobs of the last runs
    # for at most a day.
    starting_deadline_seconds     = 300
    successful_jobs_history_limit = 1
    failed_jobs_history_limit     = 3
    ttl_seconds_after_finished    = 86400
  }
}
