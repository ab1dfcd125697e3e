# Which image the delegates of the project with this tag are to run. A delegate's
# name is one of its tags. Any apply in the last 30 days of the override renews it.
resource "harnessdelegate_tag_override" "docker" {
  org_id            = "default"
  project_id        = "payments"
  tags              = [var.delegate_name]
  delegate_tag      = var.delegate_image
  renew_before_days = 30
}

# What brings the image to the delegate's containers. They are started by other
# means (docker run, not Compose), with the same token.
resource "harnessdelegate_upgrader" "docker" {
  delegate_name    = var.delegate_name
  token_wo         = var.delegate_token
  token_wo_version = 1
  schedule         = "*/30 * * * *"

  docker {
    container_stop_timeout = 2700 # 45 minutes for a delegate to finish its tasks
    log_driver             = "local"
  }
}

output "upgrader" {
  description = "The upgrader's container, and what differs from this configuration."
  value = {
    objects = harnessdelegate_upgrader.docker.objects
    drift   = harnessdelegate_upgrader.docker.drift
  }
}
