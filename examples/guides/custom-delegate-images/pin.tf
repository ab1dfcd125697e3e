resource "harnessdelegate_tag_override" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = local.delegate_image

  # It ends after 90 days, but each apply in the last 30 of them renews it.
  valid_for_days    = 90
  renew_before_days = 30
}
