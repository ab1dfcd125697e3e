# The connected production delegates of one organization and its projects that do
# not upgrade themselves. Without group_details, this takes three requests at most.
data "harnessdelegate_delegates" "left_behind" {
  org_id               = "default"
  include_child_scopes = true
  tags                 = ["prod"]
  connected            = true
  auto_upgrade         = "OFF"
  group_details        = false
}

output "left_behind" {
  value = [for d in data.harnessdelegate_delegates.left_behind.delegates : d.id]
}

# What the Manager itself takes for expired, in one project.
data "harnessdelegate_delegates" "expired" {
  org_id         = "default"
  project_id     = "payments"
  name_regex     = "^payments-"
  version_status = "EXPIRED"
}

check "nothing_has_expired" {
  assert {
    condition     = length(data.harnessdelegate_delegates.expired.delegates) == 0
    error_message = "Harness calls expired: ${join(", ", data.harnessdelegate_delegates.expired.delegates[*].name)}."
  }
}
