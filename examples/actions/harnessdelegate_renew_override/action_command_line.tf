# Renews what somebody has set by hand, whenever it is asked to:
#
#   terraform apply -invoke=action.harnessdelegate_renew_override.platform
action "harnessdelegate_renew_override" "platform" {
  config {
    org_id = "platform"
  }
}
