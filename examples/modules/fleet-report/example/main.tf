terraform {
  required_version = ">= 1.8" # for functions of providers

  required_providers {
    harnessdelegate = {
      source  = "harnessdelegate/harnessdelegate"
      version = "~> 0.1"
    }
  }
}

# Account and API key come from HARNESS_ACCOUNT_ID and HARNESS_PLATFORM_API_KEY.
provider "harnessdelegate" {}

variable "now" {
  description = "The time that the report is of (RFC 3339). Null for the time of the plan."
  type        = string
  default     = null
}

# Every delegate of the account.
module "fleet" {
  source = "../"

  days = 60
  now  = var.now
}

# terraform output -raw table
output "table" {
  value = module.fleet.table
}

output "images" {
  value = module.fleet.images
}
