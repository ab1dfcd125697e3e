resource "harnessdelegate_upgrader" "docker" {
  delegate_name = "docker-delegate"
  token         = var.delegate_token

  docker {
    container_stop_timeout = 2700
  }
}

# On Docker the status is that of the container. Its runs are not visible from
# outside.
data "harnessdelegate_upgrader_status" "docker" {
  id         = harnessdelegate_upgrader.docker.id
  org_id     = "default"
  project_id = "payments"
}

output "container" {
  value = data.harnessdelegate_upgrader_status.docker.container.state
}
