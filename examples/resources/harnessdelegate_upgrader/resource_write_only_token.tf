# Reads the token with every plan and apply. It is in no plan and no state.
# Needs Terraform 1.11.
ephemeral "harnessdelegate_token" "payments" {
  name       = "payments-delegates"
  org_id     = "default"
  project_id = "payments"
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name    = "payments-delegate"
  token_wo         = ephemeral.harnessdelegate_token.payments.value
  token_wo_version = 1 # change it together with the token

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}
