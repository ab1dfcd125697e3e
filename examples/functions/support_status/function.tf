locals {
  image = "registry.example.com/payments/delegate:24.04.82804"
}

# "end_of_support": no product fixes since 2024-10-01.
output "status_in_november_2024" {
  value = provider::harnessdelegate::support_status(local.image, "2024-11-01T00:00:00Z")
}

# Warns 60 days ahead, in every plan and apply.
check "image_is_supported_for_60_days" {
  assert {
    condition     = provider::harnessdelegate::support_status(local.image, timeadd(plantimestamp(), "1440h")) == "supported"
    error_message = "Build the delegate image from a newer version: ${local.image} gets no product fixes in 60 days, or already none."
  }
}
