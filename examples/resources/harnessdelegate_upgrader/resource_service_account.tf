# Creates no ServiceAccount, Role and RoleBinding. The cluster's administrators have
# made the ServiceAccount and granted it the upgrader's permissions.
resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  kubernetes {
    namespace            = "harness-delegate-ng"
    service_account_name = "delegate-upgrader"

    rbac {
      create = false
    }
  }
}
