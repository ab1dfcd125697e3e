# Upgrades the containers that run with DELEGATE_NAME=docker-delegate.
resource "harnessdelegate_upgrader" "docker" {
  delegate_name = "docker-delegate"
  token         = var.delegate_token
  schedule      = "*/30 * * * *"

  docker {
    container_stop_timeout = 2700 # 45 minutes for a delegate to finish its tasks

    log_driver = "local"
    log_opts   = { max-size = "10m", max-file = "3" }
  }
}
