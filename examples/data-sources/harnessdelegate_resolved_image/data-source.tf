resource "harnessdelegate_tag_override" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = "registry.example.com/payments/delegate:24.04.82804"
}

# What the upgrader of this delegate is told once the override is set.
data "harnessdelegate_resolved_image" "payments" {
  org_id        = "default"
  project_id    = "payments"
  delegate_name = "payments-delegate"
  tags          = ["linux", "prod"]

  depends_on = [harnessdelegate_tag_override.payments]
}

output "payments_image" {
  value = data.harnessdelegate_resolved_image.payments.image
}

output "payments_image_why" {
  value = [
    for step in data.harnessdelegate_resolved_image.payments.trail :
    "${step.delegate_tag}: ${step.outcome}, because ${step.reason}"
  ]
}
