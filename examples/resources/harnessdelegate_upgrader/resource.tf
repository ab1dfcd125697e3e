# Upgrades the delegate whose Deployment is payments-delegate, every hour.
resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}
