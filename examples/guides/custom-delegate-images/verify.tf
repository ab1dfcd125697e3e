# Waits until all replicas that are connected run the image, two at least.
data "harnessdelegate_delegate" "payments" {
  org_id     = "default"
  project_id = "payments"
  name       = "payments-delegate"

  wait_for {
    image        = local.delegate_image
    min_replicas = 2
  }

  # The upgrader runs every 30 minutes, and a rolling update takes its time.
  timeouts {
    read = "1h"
  }

  depends_on = [harnessdelegate_tag_override.payments, harnessdelegate_upgrader.payments]
}

output "delegate" {
  value = {
    version      = data.harnessdelegate_delegate.payments.version
    support      = "${data.harnessdelegate_delegate.payments.support_status} until ${data.harnessdelegate_delegate.payments.end_of_support}"
    auto_upgrade = data.harnessdelegate_delegate.payments.auto_upgrade
  }
}

data "harnessdelegate_upgrader_status" "payments" {
  id = harnessdelegate_upgrader.payments.id
}

check "upgrader_works" {
  assert {
    condition     = data.harnessdelegate_upgrader_status.payments.healthy
    error_message = "The upgrader of payments-delegate doesn't work. ${try(coalesce(data.harnessdelegate_upgrader_status.payments.problem), "")}"
  }
}
