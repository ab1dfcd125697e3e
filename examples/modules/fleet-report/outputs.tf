output "table" {
  description = "The report as a text with aligned columns, for people: terraform output -raw table."
  value       = local.table
}

output "delegates" {
  description = "Each delegate by its id, which begins with the account: what it runs and is told to run, until when that is supported, and whether it upgrades itself."
  value       = local.delegates
}

output "losing_support" {
  description = "Delegates whose version gets no product fixes within the days asked about, or already none."
  value       = local.losing_support
}

output "not_upgrading" {
  description = "Delegates for which no upgrader asks."
  value       = local.not_upgrading
}

output "images" {
  description = "For each project that has delegates, the images that they are told to run, and what runs now."
  value = {
    for project in distinct([for id, d in local.delegates : d.project if d.project != null]) : project => {
      told    = sort(distinct([for id, d in local.delegates : d.image if d.project == project && d.image != null]))
      running = sort(distinct(flatten([for id, d in local.delegates : d.versions if d.project == project])))
    }
  }
}

output "unseen" {
  description = "What the report lacks, and why: delegates or scopes that the API key may not view. Empty where it is whole."
  value       = data.harnessdelegate_delegates.fleet.unseen
}
