data "harnessdelegate_latest_supported_version" "released" {}

locals {
  ours     = provider::harnessdelegate::parse_version("registry.example.com/payments/delegate:24.03.82600.minimal")
  released = provider::harnessdelegate::parse_version(data.harnessdelegate_latest_supported_version.released.version)
}

# { build = 82600, release_month = 3, release_year = 2024, variant = "minimal", version = "24.03.82600.minimal" }
output "our_version" {
  value = local.ours
}

# Builds grow with every release, over months and years alike.
output "there_is_a_newer_release" {
  value = local.ours.build < local.released.build
}
