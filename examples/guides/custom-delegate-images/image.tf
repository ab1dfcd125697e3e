# The line that changes with each new image. Push the image first.
locals {
  delegate_image = "registry.example.com/payments/delegate:24.04.82804"
}

# A warning in each plan from the day on which Harness releases a newer version.
check "image_is_built_from_the_latest" {
  assert {
    condition = (
      provider::harnessdelegate::parse_version(local.delegate_image).build >=
      provider::harnessdelegate::parse_version(data.harnessdelegate_latest_supported_version.released.version).build
    )
    error_message = "Harness has released ${data.harnessdelegate_latest_supported_version.released.version}. Time to build ${local.delegate_image} anew."
  }
}
