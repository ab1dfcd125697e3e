terraform {
  required_version = ">= 1.8" # for functions of providers

  required_providers {
    harnessdelegate = {
      source  = "harnessdelegate/harnessdelegate"
      version = ">= 0.1"
    }
  }
}
