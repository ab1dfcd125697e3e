# A delegate that Harness's Helm chart installs, and its upgrader. They share one
# token, which is in no state. Needs version 3 of the provider hashicorp/helm.
locals {
  token = {
    name    = "payments-delegates"
    version = 1 # to be changed together with the name
  }
}

ephemeral "harnessdelegate_token" "payments" {
  name       = local.token.name
  org_id     = "default"
  project_id = "payments"
}

resource "helm_release" "payments" {
  name       = "payments-delegate"
  namespace  = "harness-delegate-ng"
  repository = "https://app.harness.io/storage/harness-download/delegate-helm-chart/"
  chart      = "harness-delegate-ng"

  values = [yamlencode({
    delegateName = "payments-delegate"
    accountId    = "aBcDeFgHiJkLmNoPqRsTuV"
    upgrader     = { enabled = false } # the one below is in its place
  })]

  set_wo = [{
    name  = "delegateToken"
    value = ephemeral.harnessdelegate_token.payments.value
    type  = "string"
  }]
  set_wo_revision = local.token.version
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name    = helm_release.payments.name
  token_wo         = ephemeral.harnessdelegate_token.payments.value
  token_wo_version = local.token.version

  kubernetes {
    namespace = helm_release.payments.namespace
  }
}
