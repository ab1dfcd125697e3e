resource "harnessdelegate_tag_override" "payments_gpu" {
  org_id         = "default"
  project_id     = "payments"
  tags           = ["linux", "gpu"]
  delegate_tag   = "registry.example.com/payments/delegate-gpu:24.04.82804"
  valid_for_days = 90
}

action "harnessdelegate_renew_override" "payments_gpu" {
  config {
    org_id         = harnessdelegate_tag_override.payments_gpu.org_id
    project_id     = harnessdelegate_tag_override.payments_gpu.project_id
    tags           = harnessdelegate_tag_override.payments_gpu.tags
    valid_for_days = harnessdelegate_tag_override.payments_gpu.valid_for_days
  }
}

# Whenever another release of the application is recorded here, the delegates keep
# their image for 90 more days.
resource "terraform_data" "application_release" {
  input = "2024.5"

  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.harnessdelegate_renew_override.payments_gpu]
    }
  }
}
