variable "delegate_name" {
  description = "Name of the delegate, and so of its Deployment."
  type        = string
  default     = "payments-delegate"
}

variable "namespace" {
  description = "Namespace of the delegate's Deployment."
  type        = string
  default     = "harness-delegate-ng"
}

variable "delegate_image" {
  description = "The team's own delegate image."
  type        = string
  default     = "registry.example.com/payments/delegate:24.04.82804"
}

# Ephemeral, and so in no plan and no state.
variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
  ephemeral   = true
}
