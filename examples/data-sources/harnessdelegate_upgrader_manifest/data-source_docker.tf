data "harnessdelegate_upgrader_manifest" "docker" {
  delegate_name = "docker-delegate"
  schedule      = "*/30 * * * *"

  docker {
    container_stop_timeout = 2700
  }
}

# export UPGRADER_TOKEN=…
# sh -c "$(terraform output -raw upgrader_command)"
output "upgrader_command" {
  value     = data.harnessdelegate_upgrader_manifest.docker.command
  sensitive = true
}

# terraform output -raw upgrader_compose > compose.yaml
# UPGRADER_TOKEN=… docker compose up --detach
output "upgrader_compose" {
  value     = data.harnessdelegate_upgrader_manifest.docker.compose
  sensitive = true
}
