# Every upgrader of the cluster.
list "harnessdelegate_upgrader" "all" {
  provider = harnessdelegate
  limit    = 1000

  config {
    kubernetes {}
  }
}
