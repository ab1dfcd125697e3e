# Takes over whatever somebody has set there by hand. Without overwrite_existing,
# apply refuses and shows how to import what is there.
resource "harnessdelegate_tag_override" "platform" {
  org_id             = "platform"
  delegate_tag       = "registry.example.com/platform/delegate:24.04.82804"
  overwrite_existing = true
}
