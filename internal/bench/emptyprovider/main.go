// Command emptyprovider is a provider without input or output: what remains of
// a provider's cost when it does nothing. It is built on the same framework as
// the real one, with the same settings of its process. Its one resource has the
// attributes of HashiCorp's template for providers (scaffolding-framework).
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/startup"
)

// address is how a configuration names this provider: source =
// "harnessdelegate/empty".
const address = "registry.terraform.io/harnessdelegate/empty"

// typeName is the provider's name in front of its resources'.
const typeName = "empty"

func main() {
	startup.Tune()
	serve := providerserver.ServeOpts{Address: address, ProtocolVersion: 6}
	if err := providerserver.Serve(context.Background(), newProvider, serve); err != nil {
		log.Fatal(err)
	}
}

type emptyProvider struct{}

func newProvider() provider.Provider { return emptyProvider{} }

// Metadata implements provider.Provider.
func (emptyProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
}

// Schema implements provider.Provider.
func (emptyProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{}
}

// Configure implements provider.Provider.
func (emptyProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// Resources implements provider.Provider.
func (emptyProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newExample}
}

// DataSources implements provider.Provider.
func (emptyProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
