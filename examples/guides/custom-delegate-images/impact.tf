data "harnessdelegate_override_impact" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = local.delegate_image
}

output "impact" {
  value = concat(
    [data.harnessdelegate_override_impact.payments.summary],
    [for d in data.harnessdelegate_override_impact.payments.changes : "${d.name}: ${d.from} -> ${d.to} (${d.direction})"],
    [for d in data.harnessdelegate_override_impact.payments.unchanged : "${d.name}: keeps ${d.image}, because ${d.reason}"],
  )
}

check "nobody_is_downgraded" {
  assert {
    condition     = alltrue([for d in data.harnessdelegate_override_impact.payments.changes : d.direction != "downgrade"])
    error_message = "Some delegates would be downgraded: ${data.harnessdelegate_override_impact.payments.summary}"
  }
}
