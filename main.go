// Command terraform-provider-harnessdelegate is the plugin that Terraform and
// OpenTofu start. It serves plugin protocol 6 and is not meant to be run by hand.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/provider"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/startup"
)

// address is how a configuration names this provider:
// source = "harnessdelegate/harnessdelegate".
const address = "registry.terraform.io/harnessdelegate/harnessdelegate"

// version and commit are set by the linker (-X main.version=… -X main.commit=…),
// see the GNUmakefile and .goreleaser.yml.
var (
	version = "dev"
	commit  = "none"
)

func main() {
	serveDebug := flag.Bool("debug", false, "serve for a debugger: print TF_REATTACH_PROVIDERS and wait for Terraform to attach")
	showVersion := flag.Bool("version", false, "print version and commit, then exit")
	flag.Parse()

	if *showVersion {
		fmt.Printf("terraform-provider-harnessdelegate %s (%s)\n", version, commit)

		return
	}

	startup.Tune()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         address,
		Debug:           *serveDebug,
		ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}
