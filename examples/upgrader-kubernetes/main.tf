# Which image the delegates of the project are to run. Any apply in the last 30
# days of the override renews it.
resource "harnessdelegate_tag_override" "payments" {
  org_id            = "default"
  project_id        = "payments"
  delegate_tag      = var.delegate_image
  renew_before_days = 30
}

# What brings the image to the delegate. The delegate itself is deployed by other
# means, with the same token.
resource "harnessdelegate_upgrader" "payments" {
  delegate_name    = var.delegate_name
  token_wo         = var.delegate_token
  token_wo_version = 1
  schedule         = "*/30 * * * *"

  # One run right after apply shows that the upgrader works, and upgrades the
  # delegate at once. The override has to be there by then.
  verify     = true
  depends_on = [harnessdelegate_tag_override.payments]

  kubernetes {
    namespace     = var.namespace
    backoff_limit = 0
  }
}

output "upgrader" {
  description = "The objects of the upgrader, and what differs from this configuration."
  value = {
    objects = harnessdelegate_upgrader.payments.objects
    drift   = harnessdelegate_upgrader.payments.drift
  }
}
