data "harnessdelegate_latest_supported_version" "released" {}

# What to build an image of your own from: harness/delegate:24.04.82804.
output "base_image" {
  value = data.harnessdelegate_latest_supported_version.released.image
}

output "no_product_fixes_from" {
  value = data.harnessdelegate_latest_supported_version.released.end_of_support
}
