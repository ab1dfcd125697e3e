data "harnessdelegate_delegates" "fleet" {
  org_id               = var.org_id
  project_id           = var.project_id
  include_child_scopes = true
}

data "harnessdelegate_latest_supported_version" "released" {}

locals {
  now      = coalesce(var.now, plantimestamp())
  deadline = timeadd(local.now, "${var.days * 24}h")

  # Each scope that could decide a delegate's image: its own and those above it,
  # "/default/payments", "/default" and "/". One whose identifier could not be seen
  # has a name only, and no answer.
  deciding = {
    for d in data.harnessdelegate_delegates.fleet.delegates : d.id =>
    d.org_id == null ? (d.org_name == null ? ["/"] : []) :
    d.project_id == null ? (d.project_name == null ? ["/", "/${d.org_id}"] : []) :
    ["/", "/${d.org_id}", "/${d.org_id}/${d.project_id}"]
  }
}

# One look-up for each scope that has delegates, and for those above.
data "harnessdelegate_tag_overrides" "at" {
  for_each = toset(flatten(values(local.deciding)))

  org_id     = try(compact(split("/", each.key))[0], null)
  project_id = try(compact(split("/", each.key))[1], null)
}

locals {
  delegates = {
    for d in data.harnessdelegate_delegates.fleet.delegates : d.id => {
      # As people call it: without the account.
      name    = join("/", slice(split("/", d.id), 1, length(split("/", d.id))))
      project = d.project_id == null && d.project_name == null ? null : join("/", slice(split("/", d.id), 1, 3))

      # What its replicas run. The Manager tells versions only.
      versions       = sort(distinct([for r in d.replicas : r.version if r.version != null && (r.connected || !d.connected)]))
      end_of_support = d.end_of_support
      end_of_life    = d.end_of_life
      support        = coalesce(d.support_status, "unknown")
      loses_support  = d.end_of_support != null && try(timecmp(d.end_of_support, local.deadline) <= 0, false)

      # On Docker, Managers may say OFF whatever an upgrader does. Of a delegate
      # without replicas they say ON.
      auto_upgrade     = d.auto_upgrade
      upgrades_itself  = length(d.replicas) == 0 ? "no replica" : lookup({ ON = "yes", OFF = d.type == "DOCKER" ? "not told" : "NO", DETECTING = "too early" }, d.auto_upgrade, d.auto_upgrade)
      does_not_upgrade = length(d.replicas) > 0 && d.type != "DOCKER" && d.auto_upgrade == "OFF"

      # What it is told to run when its upgrader asks.
      image = length(local.deciding[d.id]) == 0 ? null : provider::harnessdelegate::resolve_image(
        flatten([for scope in local.deciding[d.id] : data.harnessdelegate_tag_overrides.at[scope].overrides]),
        d, data.harnessdelegate_latest_supported_version.released.version, local.now,
      ).image
    }
  }

  losing_support = [for id, d in local.delegates : d.name if d.loses_support]
  not_upgrading  = [for id, d in local.delegates : d.name if d.does_not_upgrade]
  not_allowed    = var.allowed_images == null ? [] : [for id, d in local.delegates : d.name if d.image != null && length(regexall(var.allowed_images, coalesce(d.image, "-"))) == 0]
}

# Each is a warning in every plan and apply. With thousands of delegates, the
# first few names will do; the outputs have all.
check "support_lasts" {
  assert {
    condition     = length(local.losing_support) == 0
    error_message = "${length(local.losing_support)} of ${length(local.delegates)} delegates get no product fixes within ${var.days} days, or already none: ${join(", ", slice(local.losing_support, 0, min(10, length(local.losing_support))))}. Upgrade them, or build their image from a newer version."
  }
}

check "delegates_upgrade_themselves" {
  assert {
    condition     = length(local.not_upgrading) == 0
    error_message = "${length(local.not_upgrading)} of ${length(local.delegates)} delegates do not upgrade themselves: ${join(", ", slice(local.not_upgrading, 0, min(10, length(local.not_upgrading))))}. No upgrader has asked for their image within the last 90 minutes."
  }
}

check "images_are_allowed" {
  assert {
    condition     = length(local.not_allowed) == 0
    error_message = "${length(local.not_allowed)} of ${length(local.delegates)} delegates are told an image that ${coalesce(var.allowed_images, "-")} doesn't match: ${join(", ", slice(local.not_allowed, 0, min(10, length(local.not_allowed))))}. An override has ended, or is missing."
  }
}
