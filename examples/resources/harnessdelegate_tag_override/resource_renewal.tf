# Lasts 90 days. Any apply in the last 30 of them starts the 90 days anew, so an
# apply that runs on a schedule, say every week, keeps the override for good.
resource "harnessdelegate_tag_override" "payments" {
  org_id            = "default"
  project_id        = "payments"
  delegate_tag      = "registry.example.com/payments/delegate:24.04.82804"
  valid_for_days    = 90
  renew_before_days = 30
}

output "payments_override_ends" {
  value = harnessdelegate_tag_override.payments.valid_until
}
