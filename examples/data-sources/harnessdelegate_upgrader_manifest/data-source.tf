# The objects for a repository that Argo CD or Flux applies. No token is given,
# so none is rendered: the CronJob refers to a Secret that must be there already,
# with the delegate token under the key UPGRADER_TOKEN.
data "harnessdelegate_upgrader_manifest" "payments" {
  delegate_name = "payments-delegate"
  schedule      = "*/30 * * * *"

  kubernetes {
    namespace       = "harness-delegate-ng"
    existing_secret = "payments-delegate-token"
  }
}

# terraform output -raw upgrader_yaml > apps/payments-delegate/upgrader.yaml
output "upgrader_yaml" {
  value     = data.harnessdelegate_upgrader_manifest.payments.yaml
  sensitive = true
}
