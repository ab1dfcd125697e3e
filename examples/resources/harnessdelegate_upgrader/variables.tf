variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
}
