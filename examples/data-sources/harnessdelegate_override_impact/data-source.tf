# Whom would it concern if the organization went to another image?
data "harnessdelegate_override_impact" "organization" {
  org_id       = "default"
  delegate_tag = "registry.example.com/harness/delegate:24.04.82804"
}

output "organization_impact" {
  value = concat(
    [data.harnessdelegate_override_impact.organization.summary],
    [
      for delegate in data.harnessdelegate_override_impact.organization.changes :
      "${delegate.id}: ${delegate.from} -> ${delegate.to} (${delegate.direction})"
    ],
  )
}
