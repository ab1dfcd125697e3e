# An upgrader from the manifest in Harness's documentation. Some of its names differ
# from the chart's.
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
