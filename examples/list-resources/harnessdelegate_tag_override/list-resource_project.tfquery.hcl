# The override of one project that is for delegates with certain tags.
list "harnessdelegate_tag_override" "payments" {
  provider         = harnessdelegate
  include_resource = true

  config {
    org_id     = "default"
    project_id = "payments"
    kind       = "tagged"
  }
}
