# An ephemeral variable is in no plan and no state. Needs Terraform 1.11.
variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name    = "payments-delegate"
  token_wo         = var.delegate_token
  token_wo_version = 1 # to be changed whenever the token is

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}
