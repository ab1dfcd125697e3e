terraform {
  required_version = ">= 1.11" # for the write-only token

  required_providers {
    harnessdelegate = {
      source  = "harnessdelegate/harnessdelegate"
      version = "~> 0.1"
    }
  }
}

# Which Manager, which account, which key and which engine is for the environment
# to say:
#
#   HARNESS_ENDPOINT          only where the Manager is not Harness SaaS
#   HARNESS_ACCOUNT_ID
#   HARNESS_PLATFORM_API_KEY  in a pipeline the token of a service account
#   DOCKER_HOST               only where the engine is not the local one
provider "harnessdelegate" {}
