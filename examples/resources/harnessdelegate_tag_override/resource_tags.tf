# The delegates of the project that carry both tags.
resource "harnessdelegate_tag_override" "payments_gpu" {
  org_id       = "default"
  project_id   = "payments"
  tags         = ["linux", "gpu"]
  delegate_tag = "registry.example.com/payments/delegate-gpu:24.04.82804"
}

# One delegate: its name, in lower case, counts as one of its tags.
resource "harnessdelegate_tag_override" "build_delegate" {
  org_id       = "platform"
  project_id   = "build"
  tags         = ["build-delegate"]
  delegate_tag = "registry.example.com/build/delegate:24.04.82804"
}
