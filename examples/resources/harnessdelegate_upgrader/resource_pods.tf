# Image, scheduling, resources and permissions of the upgrader's pods.
resource "harnessdelegate_upgrader" "payments" {
  delegate_name = "payments-delegate"
  token         = var.delegate_token
  image         = "registry.example.com/harness/upgrader:1.7.0"

  kubernetes {
    namespace          = "harness-delegate-ng"
    image_pull_policy  = "IfNotPresent"
    image_pull_secrets = ["registry-example-com"]

    labels     = { "example.com/team" = "payments" }
    pod_labels = { "example.com/egress" = "harness" }
    pod_annotations = {
      "sidecar.istio.io/inject" = "false"
    }

    node_selector       = { "kubernetes.io/os" = "linux" }
    priority_class_name = "platform-low"
    toleration {
      key    = "dedicated"
      value  = "platform"
      effect = "NoSchedule"
    }
    affinity = {
      nodeAffinity = {
        preferredDuringSchedulingIgnoredDuringExecution = [{
          weight = 1
          preference = {
            matchExpressions = [{ key = "topology.kubernetes.io/zone", operator = "In", values = ["zone-a", "zone-b"] }]
          }
        }]
      }
    }

    resources {
      requests = { cpu = "50m", memory = "64Mi" }
      limits   = { memory = "128Mi" }
    }
    pod_security_context = {
      fsGroup      = 1001
      runAsNonRoot = true
      runAsUser    = 1001
    }
    security_context = {
      allowPrivilegeEscalation = false
      capabilities             = { drop = ["ALL"] }
    }

    # The upgrader must not change its own CronJob, whose image is set above.
    rbac {
      cron_job_verbs = []
    }
  }
}
