# An upgrader from Harness's Helm chart. Its objects have the default names.
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

  # The chart's default image, so that the import changes nothing.
  image = "us-docker.pkg.dev/gar-prod-setup/harness-public/harness/upgrader:latest"

  kubernetes {
    namespace = "harness-delegate-ng"

    # Helm keeps these objects when upgrader.enabled is set to false.
    annotations = { "helm.sh/resource-policy" = "keep" }
  }
}
