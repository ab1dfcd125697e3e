output "image" {
  description = "The image that the team's delegates are held to."
  value       = harnessdelegate_tag_override.this.delegate_tag
}

output "base_image" {
  description = "The published image to build the team's own from: delegate_version without a suffix of the team's own."
  value       = "harness/delegate:${local.base_version}"
}

output "latest_version" {
  description = "The delegate version that Harness has released to the account."
  value       = local.released.version
}

output "months_behind" {
  description = "How many months the release of the team's version lies behind the latest."
  value       = local.months_behind
}

output "override_id" {
  description = "The override's slot, which is also its import id."
  value       = harnessdelegate_tag_override.this.id
}

output "valid_until" {
  description = "When the override ends, unless an apply renews it before."
  value       = harnessdelegate_tag_override.this.valid_until
}
