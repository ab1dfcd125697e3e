resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}

data "harnessdelegate_upgrader_status" "payments" {
  id         = harnessdelegate_upgrader.payments.id
  org_id     = "default"
  project_id = "payments"

  # Read after the upgrader is changed.
  depends_on = [harnessdelegate_upgrader.payments]
}

# Every plan and apply warns if the upgrader doesn't work.
check "payments_upgrader" {
  assert {
    condition     = data.harnessdelegate_upgrader_status.payments.healthy
    error_message = "The upgrader of payments-delegate doesn't work. ${try(coalesce(data.harnessdelegate_upgrader_status.payments.problem), "")}"
  }

  # A new upgrader has no success yet, which is fine.
  assert {
    condition     = try(timecmp(timeadd(data.harnessdelegate_upgrader_status.payments.last_success, "24h"), plantimestamp()) > 0, true)
    error_message = "The upgrader of payments-delegate last succeeded more than a day ago."
  }

  assert {
    condition     = try(data.harnessdelegate_upgrader_status.payments.delegate.auto_upgrade != "OFF", true)
    error_message = "Harness shows payments-delegate as not upgraded automatically."
  }
}
