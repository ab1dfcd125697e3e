# One delegate as it is. It has to be there.
data "harnessdelegate_delegate" "payments" {
  org_id     = "default"
  project_id = "payments"
  name       = "payments-delegate"
}

output "payments_replicas" {
  value = { for r in data.harnessdelegate_delegate.payments.replicas : r.host_name => r.version }
}

check "payments_is_supported" {
  assert {
    condition     = data.harnessdelegate_delegate.payments.support_status == "supported"
    error_message = "payments-delegate runs ${coalesce(data.harnessdelegate_delegate.payments.version, "nothing")}: ${coalesce(data.harnessdelegate_delegate.payments.support_status, "unknown")}."
  }
}
