# The upgraders of one namespace.
list "harnessdelegate_upgrader" "payments" {
  provider         = harnessdelegate
  include_resource = true

  config {
    kubernetes {
      namespace = "harness-delegate-ng"
    }
  }
}
