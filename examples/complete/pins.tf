locals {
  # What our own images are built from. The change of this line, reviewed and
  # applied, is what upgrades our delegates.
  delegate_version = "24.04.82804"
}

# Every delegate of the organization and of its projects. Harness ends an
# override after 180 days at the latest; any apply in the last 30 of them starts
# the term anew. So let a pipeline apply this folder every week or so.
resource "harnessdelegate_tag_override" "organization" {
  org_id            = "default"
  delegate_tag      = "registry.example.com/platform/delegate:${local.delegate_version}"
  renew_before_days = 30
}

# Those delegates of one project that carry the tag. An override with tags goes
# before all overrides without. Without renew_before_days it ends when its term
# is over, and the next apply sets it again.
resource "harnessdelegate_tag_override" "payments_gpu" {
  org_id       = "default"
  project_id   = "payments"
  tags         = ["gpu"]
  delegate_tag = "registry.example.com/payments/delegate-gpu:${local.delegate_version}"
}

output "pinned_until" {
  description = "When each pin ends, unless an apply renews it."
  value = {
    organization = harnessdelegate_tag_override.organization.valid_until
    payments_gpu = harnessdelegate_tag_override.payments_gpu.valid_until
  }
}
