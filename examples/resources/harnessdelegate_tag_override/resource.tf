# Every delegate of the account for which no nearer override says otherwise.
resource "harnessdelegate_tag_override" "account" {
  delegate_tag = "registry.example.com/harness/delegate:24.04.82804"
}

# Every delegate of an organization and of its projects.
resource "harnessdelegate_tag_override" "platform" {
  org_id       = "platform"
  delegate_tag = "registry.example.com/platform/delegate:24.04.82804"
}

# Every delegate of one project.
resource "harnessdelegate_tag_override" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = "registry.example.com/payments/delegate:24.04.82804"
}
