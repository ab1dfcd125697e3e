// Package provider wires the features into one Terraform provider.
package provider

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegates"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegatetoken"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/functions"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/gracefulshutdown"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/supportedversion"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tagoverride"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// typeName is the prefix of everything the provider offers. It is not
// "harness", so that configurations can load the official provider beside
// this one and need no `provider` argument on every block.
const typeName = "harnessdelegate"

type harnessdelegateProvider struct {
	version string
	getenv  func(string) string
}

var (
	_ provider.ProviderWithEphemeralResources = (*harnessdelegateProvider)(nil)
	_ provider.ProviderWithFunctions          = (*harnessdelegateProvider)(nil)
	_ provider.ProviderWithListResources      = (*harnessdelegateProvider)(nil)
	_ provider.ProviderWithActions            = (*harnessdelegateProvider)(nil)
)

// New returns the constructor of the provider. The version goes into the
// User-Agent of its requests.
func New(version string) func() provider.Provider {
	return newWithEnv(version, os.Getenv)
}

func newWithEnv(version string, getenv func(string) string) func() provider.Provider {
	return func() provider.Provider { return &harnessdelegateProvider{version: version, getenv: getenv} }
}

// Metadata implements provider.Provider.
func (p *harnessdelegateProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

// Schema implements provider.Provider.
func (p *harnessdelegateProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the automatic upgrades of Harness Delegates: the images that they run, and their upgraders.",
		Attributes: map[string]schema.Attribute{
			providerdata.EndpointAttribute: schema.StringAttribute{
				MarkdownDescription: "Address of the Harness Manager, with or without `/gateway` at its end. " +
					"Defaults to `HARNESS_ENDPOINT`, else to `" + harness.DefaultEndpoint + "`.",
				Optional: true,
			},
			"account_id": schema.StringAttribute{
				MarkdownDescription: "Identifier of the Harness account, for objects without one. Defaults to `HARNESS_ACCOUNT_ID`.",
				Optional:            true,
			},
			"platform_api_key": schema.StringAttribute{
				MarkdownDescription: "API key of the Harness platform: a personal access token or, better, the token of a service account. " +
					"Defaults to `HARNESS_PLATFORM_API_KEY`.",
				Optional:  true,
				Sensitive: true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Timeout of a single attempt of a request, as a duration such as `30s` or `1m`. Defaults to `" +
					harness.DefaultRequestTimeout.String() + "`.",
				Optional:   true,
				Validators: []validator.String{positiveDuration{}},
			},
			"max_retries": schema.Int64Attribute{
				CustomType: wholenumber.Type{},
				MarkdownDescription: "Maximum number of retries after a temporary failure: a lost connection, a rate limit (429), " +
					"a server error. `0` disables retries. Writes are retried only if the Manager's list shows that they had no effect. " +
					"Defaults to `7`, which is sufficient for the Manager's rate limit per minute.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, maxRetriesLimit)},
			},
			"retry_wait_min": schema.StringAttribute{
				MarkdownDescription: "Wait before the first retry, as a duration. It doubles with each retry. Defaults to `" +
					harness.DefaultRetryWaitMin.String() + "`.",
				Optional:   true,
				Validators: []validator.String{positiveDuration{}},
			},
			"retry_wait_max": schema.StringAttribute{
				MarkdownDescription: "Maximum wait before a retry, as a duration. A `Retry-After` header takes precedence. Defaults to `" +
					harness.DefaultRetryWaitMax.String() + "`.",
				Optional:   true,
				Validators: []validator.String{positiveDuration{}},
			},
			"warn_override_impact": schema.BoolAttribute{
				MarkdownDescription: "Whether a plan that sets, changes or removes a tag override warns of the delegates that get another image by it. " +
					"It takes a few requests per plan, regardless of the number of overrides: one for the delegates, those for organizations and projects, " +
					fmt.Sprintf("and one for the overrides of each organization and project with delegates, at most %d. ", impactScopes) +
					"It needs permission to view delegates, organizations and projects. Missing access doesn't fail the plan. Defaults to `true`.",
				Optional: true,
			},
		},
		Blocks: map[string]schema.Block{
			kubernetesBlock: kubernetesSchema(),
			dockerBlock:     dockerSchema(),
		},
	}
}

// Configure implements provider.Provider. It makes no request, so that an
// unreachable Manager, cluster or engine is met only by what needs it.
func (p *harnessdelegateProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data, diags := config.data(ctx, p.getenv, p.userAgent(req.TerraformVersion))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
	resp.EphemeralResourceData = data
}

func (p *harnessdelegateProvider) userAgent(terraformVersion string) string {
	agent := "terraform-provider-harnessdelegate/" + p.version
	if terraformVersion != "" {
		agent += " terraform/" + terraformVersion
	}
	return agent
}

// Resources implements provider.Provider.
func (p *harnessdelegateProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		gracefulshutdown.NewResource,
		tagoverride.NewResource,
		upgrader.NewResource,
	}
}

// DataSources implements provider.Provider.
func (p *harnessdelegateProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		delegates.NewDataSource,
		delegates.NewListDataSource,
		supportedversion.NewDataSource,
		tagoverride.NewListDataSource,
		tagoverride.NewResolvedImageDataSource,
		tagoverride.NewImpactDataSource,
		upgrader.NewManifestDataSource,
		upgrader.NewStatusDataSource,
	}
}

// EphemeralResources implements provider.ProviderWithEphemeralResources.
func (p *harnessdelegateProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		delegatetoken.NewEphemeralResource,
	}
}

// ListResources implements provider.ProviderWithListResources.
func (p *harnessdelegateProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		tagoverride.NewListResource,
		upgrader.NewListResource,
	}
}

// Actions implements provider.ProviderWithActions.
func (p *harnessdelegateProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		tagoverride.NewRenewAction,
		upgrader.NewRunAction,
	}
}

// Functions implements provider.ProviderWithFunctions.
func (p *harnessdelegateProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		functions.NewECSContainerDefinition,
		functions.NewMirroredImage,
		functions.NewParseVersion,
		functions.NewResolveImage,
		functions.NewScheduleInterval,
		functions.NewSupportStatus,
		functions.NewSupportWindow,
	}
}
