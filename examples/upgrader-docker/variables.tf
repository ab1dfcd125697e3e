variable "delegate_name" {
  description = "DELEGATE_NAME of the delegate's containers."
  type        = string
  default     = "docker-delegate"
}

# The upgrader on Docker doesn't upgrade delegates from private registries, so
# this is one of Docker Hub's.
variable "delegate_image" {
  description = "The delegate image to hold to."
  type        = string
  default     = "harness/delegate:24.04.82804"
}

# Ephemeral, and so in no plan and no state.
variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
  ephemeral   = true
}
