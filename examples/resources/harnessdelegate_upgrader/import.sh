# kubernetes/NAMESPACE/CRONJOB: an upgrader on Kubernetes.
terraform import harnessdelegate_upgrader.payments kubernetes/harness-delegate-ng/payments-delegate-upgrader-job

# docker/CONTAINER: an upgrader on Docker.
terraform import harnessdelegate_upgrader.docker docker/docker-delegate-upgrader
