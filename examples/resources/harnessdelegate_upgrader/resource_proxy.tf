# Ephemeral variables are in no plan and no state. Needs Terraform 1.11.
variable "proxy_password" {
  description = "Password of the user harness at the proxy."
  type        = string
  sensitive   = true
  ephemeral   = true
}

# The upgrader connects to Harness through a proxy, sets delegate images from a
# mirror of Docker Hub, and trusts a private certificate authority.
resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  proxy {
    scheme              = "https"
    host                = "proxy.example.com"
    port                = 3128
    user                = "harness"
    password_wo         = var.proxy_password
    password_wo_version = 1
  }

  kubernetes {
    namespace        = "harness-delegate-ng"
    registry_mirror  = "registry.example.com/mirror"
    custom_ca_secret = "example-com-ca"
  }
}
