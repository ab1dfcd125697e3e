# Everything that is set in the account, its organizations and its projects.
list "harnessdelegate_tag_override" "all" {
  provider = harnessdelegate
  limit    = 1000

  config {
    include_child_scopes = true
  }
}
