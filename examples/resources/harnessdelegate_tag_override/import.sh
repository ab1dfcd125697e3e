# ACCOUNT/KIND: an override of the account. KIND is tagged or untagged.
terraform import harnessdelegate_tag_override.account aBcDeFgHiJkLmNoPqRsTuV/untagged

# ACCOUNT/ORG/KIND: an override of an organization.
terraform import harnessdelegate_tag_override.platform aBcDeFgHiJkLmNoPqRsTuV/platform/untagged

# ACCOUNT/ORG/PROJECT/KIND: an override of a project, here the one with tags.
terraform import harnessdelegate_tag_override.payments_gpu aBcDeFgHiJkLmNoPqRsTuV/default/payments/tagged
