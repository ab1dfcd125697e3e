data "harnessdelegate_resolved_image" "payments" {
  org_id        = "default"
  project_id    = "payments"
  delegate_name = "payments-delegate"
}

# What the cluster pulls, and so what the mirror must have:
# registry.example.com/mirror/harness/delegate:24.04.82804
output "pulled_image" {
  value = provider::harnessdelegate::mirrored_image(data.harnessdelegate_resolved_image.payments.image, "registry.example.com/mirror")
}
