# What Harness has released to the account. The look-up is made with every plan,
# so a new release shows as a changed output.
data "harnessdelegate_latest_supported_version" "released" {}

output "released" {
  description = "The delegate to build our own images from, and how long Harness supports it."
  value = {
    base_image           = data.harnessdelegate_latest_supported_version.released.image
    product_fixes_until  = data.harnessdelegate_latest_supported_version.released.end_of_support
    security_fixes_until = data.harnessdelegate_latest_supported_version.released.end_of_life
  }
}
