variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name    = "payments-delegate"
  token_wo         = var.delegate_token
  token_wo_version = 1
  schedule         = "*/30 * * * *"

  # The first run starts right after apply, once the override is there.
  verify     = true
  depends_on = [harnessdelegate_tag_override.payments]

  kubernetes {
    namespace = "harness-delegate-ng"
  }
}
