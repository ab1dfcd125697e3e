variable "org_id" {
  description = "Identifier of the organization to report on, with its projects. Null for the whole account."
  type        = string
  default     = null
}

variable "project_id" {
  description = "Identifier of the project to report on. Null for the whole organization or account."
  type        = string
  default     = null

  validation {
    condition     = var.project_id == null || var.org_id != null
    error_message = "project_id is set, but org_id is not: a project belongs to an organization."
  }
}

variable "days" {
  description = "A delegate counts as losing support if its version gets no product fixes within so many days, or already none."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.days >= 0 && var.days == floor(var.days)
    error_message = "Give whole days, 0 or more."
  }
}

variable "allowed_images" {
  description = "Regular expression that the image of each delegate has to match, such as \"^registry\\\\.example\\\\.com/\". Null for any image."
  type        = string
  default     = null

  validation {
    condition     = var.allowed_images == null || can(regexall(var.allowed_images, ""))
    error_message = "Give a regular expression (RE2)."
  }
}

variable "now" {
  description = "The time that the report is of (RFC 3339). Null for the time of the plan."
  type        = string
  default     = null

  validation {
    condition     = var.now == null || can(timeadd(var.now, "0s"))
    error_message = "Give a time such as 2024-11-20T09:00:00Z."
  }
}
