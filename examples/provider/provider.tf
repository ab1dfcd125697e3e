terraform {
  required_providers {
    harnessdelegate = {
      source  = "harnessdelegate/harnessdelegate"
      version = "~> 0.1"
    }
  }
}

# The API key comes from the environment variable HARNESS_PLATFORM_API_KEY.
provider "harnessdelegate" {
  account_id = "aBcDeFgHiJkLmNoPqRsTuV"
}
