data "harnessdelegate_latest_supported_version" "released" {}

locals {
  released = data.harnessdelegate_latest_supported_version.released
  version  = coalesce(var.delegate_version, var.minimal ? local.released.minimal_version : local.released.version)
  image    = "${var.repository}:${local.version}"

  # What Harness publishes: a suffix such as the "-2" of a rebuild is the team's own.
  base_version = regex("^[0-9]{2}\\.[0-9]{2}\\.[0-9]+(?:\\.minimal)?(?:-fips)?", local.version)

  # yy.mm.build: the build grows with every release; year and month tell the age.
  parts         = regex("^(\\d{2})\\.(\\d{2})\\.(\\d+)", local.version)
  build         = tonumber(local.parts[2])
  months_behind = (local.released.release_year - 2000 - tonumber(local.parts[0])) * 12 + local.released.release_month - tonumber(local.parts[1])
}

resource "harnessdelegate_tag_override" "this" {
  org_id            = var.org_id
  project_id        = var.project_id
  tags              = var.delegate_tags
  delegate_tag      = local.image
  valid_for_days    = var.valid_for_days
  renew_before_days = var.renew_before_days

  lifecycle {
    precondition {
      condition     = var.renew_before_days < var.valid_for_days
      error_message = "renew_before_days is ${var.renew_before_days} and valid_for_days is ${var.valid_for_days}, so that every apply would renew the override. Set renew_before_days to less than valid_for_days."
    }

    precondition {
      condition     = local.build <= local.released.build
      error_message = "Version ${local.version} is newer than ${local.released.version}, the latest that Harness has released to the account. Delegates newer than the Manager are not supported."
    }

    precondition {
      condition     = local.months_behind < 6
      error_message = "Version ${local.version} is past its end of support: it is ${local.months_behind} months behind ${local.released.version}, and Harness supports a version for six. Build an image from a newer one."
    }
  }
}

# A warning in every plan, in time to build a new image.
check "support_ends_soon" {
  assert {
    condition     = local.months_behind < 4
    error_message = "Version ${local.version} is ${local.months_behind} months behind ${local.released.version}. From six on, this module refuses it. Build an image from a newer one."
  }
}
