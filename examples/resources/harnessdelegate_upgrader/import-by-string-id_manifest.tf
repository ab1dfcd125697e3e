variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
}

# An upgrader that was made from the manifest of Harness's documentation, which
# has other names for some objects than the chart.
import {
  to = harnessdelegate_upgrader.payments
  id = "kubernetes/harness-delegate-ng/payments-delegate-upgrader-job"
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  kubernetes {
    namespace = "harness-delegate-ng"

    role_name            = "upgrader-cronjob"
    role_binding_name    = "kubernetes-delegate-upgrader-cronjob"
    service_account_name = "upgrader-cronjob-sa"
  }
}
