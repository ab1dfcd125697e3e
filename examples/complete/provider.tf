terraform {
  required_version = ">= 1.5"

  required_providers {
    harnessdelegate = {
      source  = "harnessdelegate/harnessdelegate"
      version = "~> 0.1"
    }
  }
}

# Which Manager, which account and which key is for the environment to say, so
# that this folder holds no secret and serves every account:
#
#   HARNESS_ENDPOINT          only where the Manager is not Harness SaaS
#   HARNESS_ACCOUNT_ID
#   HARNESS_PLATFORM_API_KEY  in a pipeline the token of a service account
provider "harnessdelegate" {}
