variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  # Every 30 minutes. Up to 90 minutes may lie between two runs.
  schedule = "*/30 * * * *"

  # false suspends the upgrader, say, for the time of a freeze.
  auto_upgrade = true

  kubernetes {
    namespace = "harness-delegate-ng"
    timezone  = "Europe/Berlin"

    # A run that hangs is ended after ten minutes, and not tried again: the next
    # one comes soon enough.
    active_deadline_seconds = 600
    backoff_limit           = 0

    # A run that can't be started within five minutes is left out. The Jobs of
    # the last runs are kept for a day at most.
    starting_deadline_seconds     = 300
    successful_jobs_history_limit = 1
    failed_jobs_history_limit     = 3
    ttl_seconds_after_finished    = 86400
  }
}
