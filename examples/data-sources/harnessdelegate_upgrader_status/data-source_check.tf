variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
}

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

  # An apply that changes the upgrader tells how it is doing afterwards.
  depends_on = [harnessdelegate_upgrader.payments]
}

# Every plan and apply ends with a warning if the upgrader doesn't do its work.
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
