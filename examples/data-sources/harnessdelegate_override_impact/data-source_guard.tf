locals {
  image = "registry.example.com/payments/delegate:24.04.82804"
}

data "harnessdelegate_override_impact" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = local.image
}

# The override is only set if nobody is downgraded by it.
resource "harnessdelegate_tag_override" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = local.image

  lifecycle {
    precondition {
      condition = alltrue([
        for delegate in data.harnessdelegate_override_impact.payments.changes : delegate.direction != "downgrade"
      ])
      error_message = data.harnessdelegate_override_impact.payments.summary
    }
  }
}
