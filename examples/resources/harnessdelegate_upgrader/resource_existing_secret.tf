# The Secret is somebody else's, such as a secrets operator's. Under the key
# UPGRADER_TOKEN it has the delegate token, which Terraform never sees.
resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"

  kubernetes {
    namespace       = "harness-delegate-ng"
    existing_secret = "payments-delegate-token"
  }
}
