variable "org_id" {
  description = "Identifier of the team's organization."
  type        = string
  nullable    = false
}

variable "project_id" {
  description = "Identifier of the team's project. Null for every delegate of the organization."
  type        = string
  default     = null
}

variable "delegate_tags" {
  description = "Only delegates that carry all of these tags. Empty for every delegate of the project or organization."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for tag in var.delegate_tags : tag != "" && trimspace(tag) == tag && !strcontains(tag, ",")])
    error_message = "Each tag is an element of its own, without commas and without blanks around it."
  }
}

variable "repository" {
  description = "Repository of the team's delegate image, without a tag, such as registry.example.com/payments/delegate."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^\\s:@/]+(:[0-9]+)?(/[a-z0-9._-]+)+$", var.repository))
    error_message = "Give the repository with its registry, and without a tag or digest: registry.example.com/payments/delegate."
  }
}

variable "delegate_version" {
  description = "Delegate version that the team's image is built from, and so its tag, such as 24.04.82804, or 24.04.82804-2 for a rebuild. Null for the latest that Harness has released to the account: then the image must be there before each apply."
  type        = string
  default     = null

  validation {
    condition     = var.delegate_version == null || can(regex("^[0-9]{2}\\.(0[1-9]|1[0-2])\\.[0-9]{5,}([.-][0-9A-Za-z._-]+)?$", var.delegate_version))
    error_message = "The version has the form yy.mm.build, with or without a variant: 24.04.82804 or 24.04.82804.minimal."
  }
}

variable "minimal" {
  description = "Whether the latest version is taken in its variant without client tools. Has no effect where delegate_version is set."
  type        = bool
  default     = false
  nullable    = false
}

variable "valid_for_days" {
  description = "Days that the override lasts, counted from each write."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.valid_for_days == floor(var.valid_for_days) && var.valid_for_days >= 2 && var.valid_for_days <= 180
    error_message = "Harness keeps an override for 180 days at most, and renewal needs at least 2."
  }
}

variable "renew_before_days" {
  description = "An apply within this many days of the override's end renews it. Less than valid_for_days, and more than the time between two applies."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.renew_before_days == floor(var.renew_before_days) && var.renew_before_days >= 1
    error_message = "Give a whole number of days, 1 or more, and less than valid_for_days."
  }
}
