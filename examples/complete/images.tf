locals {
  # Delegates of the project "payments", with their tags.
  payments_delegates = {
    payments-delegate = ["linux"]
    payments-trainer  = ["linux", "gpu"]
  }
}

# Which image the upgrader of each delegate is told, once the pins are set.
data "harnessdelegate_resolved_image" "payments" {
  for_each = local.payments_delegates

  org_id        = "default"
  project_id    = "payments"
  delegate_name = each.key
  tags          = each.value

  depends_on = [
    harnessdelegate_tag_override.organization,
    harnessdelegate_tag_override.payments_gpu,
  ]
}

output "images" {
  description = "The image that each delegate gets, and what became of every override that could have decided."
  value = {
    for name, resolved in data.harnessdelegate_resolved_image.payments : name => {
      image = resolved.image
      why   = [for step in resolved.trail : "${step.outcome} ${step.delegate_tag}: ${step.reason}"]
    }
  }
}
