# Whom would it concern if the override with tags of the organization were gone?
data "harnessdelegate_override_impact" "removal" {
  org_id = "default"
  tags   = ["gpu"]
  remove = true
}

output "removal_impact" {
  value = data.harnessdelegate_override_impact.removal.summary
}
