terraform {
  required_version = ">= 1.5"

  required_providers {
    harnessdelegate = {
      source  = "harnessdelegate/harnessdelegate"
      version = ">= 0.1"
    }
  }
}
