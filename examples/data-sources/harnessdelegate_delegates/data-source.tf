# Every delegate of the account, wherever it lives.
data "harnessdelegate_delegates" "all" {
  include_child_scopes = true
}

locals {
  # An id is unique, where a name may be used in several projects.
  delegates = { for d in data.harnessdelegate_delegates.all.delegates : d.id => d }
}

output "versions" {
  value = { for id, d in local.delegates : id => "${coalesce(d.version, "no replica")}, ${coalesce(d.support_status, "unknown")} until ${coalesce(d.end_of_support, "nobody knows when")}" }
}

check "delegates_are_supported" {
  assert {
    condition     = alltrue([for d in local.delegates : d.support_status != "end_of_life"])
    error_message = "Without fixes: ${join(", ", [for id, d in local.delegates : id if d.support_status == "end_of_life"])}."
  }
}
