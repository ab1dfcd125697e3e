# What is set for one project: at most one override with tags and one without.
data "harnessdelegate_tag_overrides" "payments" {
  org_id     = "default"
  project_id = "payments"
}

output "payments_overrides" {
  value = {
    for o in data.harnessdelegate_tag_overrides.payments.overrides :
    o.id => "${o.delegate_tag} until ${coalesce(o.valid_until, "further notice")}"
  }
}

# Only the account's override without tags, whose reach is the widest.
data "harnessdelegate_tag_overrides" "whole_account" {
  tags = []
}

check "nothing_pins_the_whole_account" {
  assert {
    condition     = length(data.harnessdelegate_tag_overrides.whole_account.overrides) == 0
    error_message = "Somebody has set an override for every delegate of the account."
  }
}
