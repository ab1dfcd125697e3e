# The upgraders on the Docker Engine of the provider block.
list "harnessdelegate_upgrader" "docker" {
  provider = harnessdelegate

  config {
    docker {}
  }
}
