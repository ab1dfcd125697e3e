variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
}

resource "harnessdelegate_tag_override" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = "registry.example.com/payments/delegate:24.04.82804"

  # The delegate gets another image at once, and not only within the hour.
  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.harnessdelegate_run_upgrader.payments]
    }
  }
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}

action "harnessdelegate_run_upgrader" "payments" {
  config {
    id = harnessdelegate_upgrader.payments.id
  }
}
