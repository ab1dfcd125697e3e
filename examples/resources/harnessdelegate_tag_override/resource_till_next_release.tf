# An image of your own for one release only. When Harness releases the next version
# to the account, the override ends and the delegates follow the releases again.
resource "harnessdelegate_tag_override" "search" {
  org_id                  = "default"
  project_id              = "search"
  delegate_tag            = "registry.example.com/search/delegate:24.04.82804-hotfix"
  valid_till_next_release = true
}
