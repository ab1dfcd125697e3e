data "harnessdelegate_latest_supported_version" "released" {}

# An image of your own for the version that Harness has released. Your image
# build must have pushed it before this is applied: nothing checks that it exists.
resource "harnessdelegate_tag_override" "search" {
  org_id       = "default"
  project_id   = "search"
  delegate_tag = "registry.example.com/search/delegate:${data.harnessdelegate_latest_supported_version.released.version}"
}
