locals {
  schedule = "*/30 * * * *"
}

# { longest_minutes = 30, shortest_minutes = 30, shown_as_on = true }
output "interval" {
  value = provider::harnessdelegate::schedule_interval(local.schedule)
}

# Not every 15 minutes, but at 0:00 and 15:00:
# { longest_minutes = 900, shortest_minutes = 540, shown_as_on = false }
output "not_every_15_minutes" {
  value = provider::harnessdelegate::schedule_interval("0 */15 * * *")
}

check "harness_shows_the_delegate_as_on" {
  assert {
    condition     = provider::harnessdelegate::schedule_interval(local.schedule).shown_as_on
    error_message = "With the schedule ${local.schedule} Harness shows the delegate as not upgraded automatically between some runs."
  }
}
