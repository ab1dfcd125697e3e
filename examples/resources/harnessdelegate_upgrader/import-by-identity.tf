variable "delegate_token" {
  description = "Value of the delegate token that the delegate runs with (DELEGATE_TOKEN)."
  type        = string
  sensitive   = true
}

# An upgrader that Harness's Helm chart has made. Its names are the default ones.
import {
  to = harnessdelegate_upgrader.payments
  identity = {
    platform  = "kubernetes"
    namespace = "harness-delegate-ng"
    name      = "payments-delegate-upgrader-job"
  }
}

resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token

  # The chart's default image, so that it stays.
  image = "us-docker.pkg.dev/gar-prod-setup/harness-public/harness/upgrader:latest"

  kubernetes {
    namespace = "harness-delegate-ng"

    # Helm then leaves the objects when the chart's upgrader.enabled becomes false.
    annotations = { "helm.sh/resource-policy" = "keep" }
  }
}
