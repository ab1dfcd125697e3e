import {
  to = harnessdelegate_tag_override.payments
  identity = {
    account_id = "aBcDeFgHiJkLmNoPqRsTuV"
    org_id     = "default"
    project_id = "payments"
    kind       = "untagged"
  }
}

resource "harnessdelegate_tag_override" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = "registry.example.com/payments/delegate:24.04.82804"
}
