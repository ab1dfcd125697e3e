import {
  to = harnessdelegate_tag_override.payments
  id = "aBcDeFgHiJkLmNoPqRsTuV/default/payments/untagged"
}

resource "harnessdelegate_tag_override" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = "registry.example.com/payments/delegate:24.04.82804"
}
