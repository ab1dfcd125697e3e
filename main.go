// Command terraform-provider-harnessdelegate is the plugin that Terraform and
// OpenTofu start. It serves plugin protocol 6 and is not meant to be run by hand.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/provider"
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

// garbagePercent lets a provider, which lives for seconds, collect garbage half
// as often as a server would. A plan of 500 overrides takes a fifth less
// processor time for a quarter more memory (make bench); a small one, which
// stays below the collector's minimum, is not affected.
const garbagePercent = 200

func main() {
	serveDebug := flag.Bool("debug", false, "serve for a debugger: print TF_REATTACH_PROVIDERS and wait for Terraform to attach")
	showVersion := flag.Bool("version", false, "print version and commit, then exit")
	flag.Parse()

	if *showVersion {
		fmt.Printf("terraform-provider-harnessdelegate %s (%s)\n", version, commit)

		return
	}

	quietUnreadLogs(os.Environ(), os.Setenv)

	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         address,
		Debug:           *serveDebug,
		ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// quietUnreadLogs turns off the trace log of the plugin libraries where nobody
// has asked for any log. They would write it all the same, and Terraform would
// parse and drop it: about a quarter of the time that a plan of many resources
// takes in the provider.
func quietUnreadLogs(environ []string, setenv func(key, value string) error) {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if value != "" && name != "TF_LOG_PATH" && (strings.HasPrefix(name, "TF_LOG") || strings.HasPrefix(name, "TF_ACC_LOG")) {
			return
		}
	}
	for _, library := range []string{"TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"} {
		// Without it the provider works as well, only slower.
		_ = setenv(library, "OFF")
	}
}
