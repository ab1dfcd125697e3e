# Read when it is needed, with every plan and every apply.
ephemeral "harnessdelegate_token" "payments" {
  name       = "payments-delegates"
  org_id     = "default"
  project_id = "payments"
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name    = "payments-delegate"
  token_wo         = ephemeral.harnessdelegate_token.payments.value
  token_wo_version = 1 # to be changed together with the name of the token

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}
