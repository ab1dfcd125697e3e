import {
  to = harnessdelegate_graceful_shutdown.payments
  identity = {
    namespace = "harness-delegate-ng"
    name      = "payments-delegate"
  }
}

resource "harnessdelegate_graceful_shutdown" "payments" {
  namespace = "harness-delegate-ng"
  name      = "payments-delegate"

  # What the chart sets, so that the import changes nothing.
  termination_grace_period_seconds = 600
}
