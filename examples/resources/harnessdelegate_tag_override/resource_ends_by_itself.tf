# A trial of two weeks. When they are over, the override is not set again, and
# the plan stays empty: the state keeps it with the status "expired".
resource "harnessdelegate_tag_override" "trial" {
  org_id                = "platform"
  project_id            = "build"
  tags                  = ["canary"]
  delegate_tag          = "registry.example.com/build/delegate-next:24.04.82804"
  valid_for_days        = 14
  recreate_after_expiry = false
}
