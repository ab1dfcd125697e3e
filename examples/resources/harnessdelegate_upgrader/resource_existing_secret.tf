# A Secret that something else manages, such as External Secrets. It holds the
# delegate token under the key UPGRADER_TOKEN. Terraform never reads the token.
resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"

  kubernetes {
    namespace       = "harness-delegate-ng"
    existing_secret = "payments-delegate-token"
  }
}
