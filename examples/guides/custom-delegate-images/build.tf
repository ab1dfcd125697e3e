data "harnessdelegate_latest_supported_version" "released" {}

output "base_image" {
  value = data.harnessdelegate_latest_supported_version.released.image
}

output "supported_until" {
  value = data.harnessdelegate_latest_supported_version.released.end_of_support
}
