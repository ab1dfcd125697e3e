data "harnessdelegate_latest_supported_version" "released" {}

data "harnessdelegate_tag_overrides" "account" {}

data "harnessdelegate_tag_overrides" "default" {
  org_id = "default"
}

data "harnessdelegate_tag_overrides" "payments" {
  org_id     = "default"
  project_id = "payments"
}

locals {
  overrides = concat(
    data.harnessdelegate_tag_overrides.account.overrides,
    data.harnessdelegate_tag_overrides.default.overrides,
    data.harnessdelegate_tag_overrides.payments.overrides,
  )

  # An override that doesn't exist yet, in place of what is in its slot.
  planned = {
    id           = "aBcDeFgHiJkLmNoPqRsTuV/default/tagged"
    tags         = ["gpu"]
    delegate_tag = "registry.example.com/platform/delegate-gpu:24.04.82804"
    valid_until  = null
  }

  delegates = {
    plain = { org_id = "default", project_id = "payments", name = "payments-delegate", tags = ["linux"] }
    gpu   = { org_id = "default", project_id = "payments", name = "payments-gpu", tags = ["gpu", "linux"] }
  }
}

# The image of each delegate before and after.
output "images" {
  value = {
    for key, delegate in local.delegates : key => {
      now = provider::harnessdelegate::resolve_image(
        local.overrides, delegate, data.harnessdelegate_latest_supported_version.released.version, plantimestamp(),
      ).image
      planned = provider::harnessdelegate::resolve_image(
        concat([for o in local.overrides : o if o.id != local.planned.id], [local.planned]),
        delegate, data.harnessdelegate_latest_supported_version.released.version, plantimestamp(),
      ).image
    }
  }
}
