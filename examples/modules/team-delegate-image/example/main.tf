terraform {
  required_version = ">= 1.5"

  required_providers {
    harnessdelegate = {
      source  = "harnessdelegate/harnessdelegate"
      version = "~> 0.1"
    }
  }
}

# Account and API key come from HARNESS_ACCOUNT_ID and HARNESS_PLATFORM_API_KEY.
provider "harnessdelegate" {}

# A project whose image is rebuilt whenever Harness releases a version.
module "payments" {
  source = "../"

  org_id     = "default"
  project_id = "payments"
  repository = "registry.example.com/payments/delegate"
}

# The delegates of an organization that carry a tag, held to one version.
module "platform_linux" {
  source = "../"

  org_id           = "platform"
  delegate_tags    = ["linux"]
  repository       = "registry.example.com:5000/platform/delegate"
  delegate_version = "24.04.82804"
}

output "images" {
  value = {
    payments       = module.payments.image
    platform_linux = module.platform_linux.image
  }
}

output "overrides_end" {
  value = {
    payments       = module.payments.valid_until
    platform_linux = module.platform_linux.valid_until
  }
}
