// Command docgen prints the provider's schema as JSON, in the form of
// "terraform providers schema -json". The documentation is generated from it:
// see the generate and docs-check targets of the GNUmakefile.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docgen/schemajson"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/provider"
)

// address is the provider's full address, as Terraform writes it.
const address = "registry.terraform.io/harnessdelegate/harnessdelegate"

func main() {
	name := flag.String("address", address, "`address` to print the schema under; the documentation generator wants the provider's bare name")
	flag.Parse()

	if err := run(context.Background(), os.Stdout, *name); err != nil {
		log.Fatalf("docgen: %s", err)
	}
}

func run(ctx context.Context, w io.Writer, name string) error {
	doc, err := read(ctx, name)
	if err != nil {
		return err
	}

	out, err := doc.JSON()
	if err != nil {
		return err
	}

	_, err = w.Write(out)

	return err
}

// read builds the provider in this process and reads all its schemas.
func read(ctx context.Context, name string) (*schemajson.Document, error) {
	// The version does not appear in a schema.
	server, err := providerserver.NewProtocol6WithError(provider.New("docgen")())()
	if err != nil {
		return nil, fmt.Errorf("building the provider server: %w", err)
	}

	return schemajson.Read(ctx, name, server)
}
