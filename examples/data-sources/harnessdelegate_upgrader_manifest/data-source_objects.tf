data "harnessdelegate_upgrader_manifest" "payments" {
  delegate_name = "payments-delegate"

  kubernetes {
    namespace       = "harness-delegate-ng"
    existing_secret = "payments-delegate-token"
  }
}

# One file for each object, by its name: cronjob-payments-delegate-upgrader-job.yaml.
# The objects are marked as sensitive because they hold a token if one is given.
# None is given here.
output "upgrader_files" {
  value = {
    for name, object in nonsensitive(data.harnessdelegate_upgrader_manifest.payments.objects) :
    "${lower(replace(name, "/", "-"))}.yaml" => yamlencode(object)
  }
}
