terraform {
  required_version = ">= 1.11" # for the write-only token

  required_providers {
    harnessdelegate = {
      source  = "harnessdelegate/harnessdelegate"
      version = "~> 0.1"
    }
  }
}

# Manager, account, key and cluster come from the environment: HARNESS_ACCOUNT_ID,
# HARNESS_PLATFORM_API_KEY and KUBE_CONFIG_PATH.
provider "harnessdelegate" {}
