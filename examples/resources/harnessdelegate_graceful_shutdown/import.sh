# NAMESPACE/KIND/NAME
terraform import harnessdelegate_graceful_shutdown.payments harness-delegate-ng/Deployment/payments-delegate
