package upgrader

import (
	"context"
	"fmt"
	"maps"

	framework "github.com/hashicorp/terraform-plugin-framework/datasource"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/container"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/cronjob"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// manifestDataSource renders what the resource would deploy.
type manifestDataSource struct {
	providerdata.DataSource
}

var (
	_ framework.DataSourceWithConfigure      = (*manifestDataSource)(nil)
	_ framework.DataSourceWithValidateConfig = (*manifestDataSource)(nil)
)

// NewManifestDataSource makes the data source
// harnessdelegate_upgrader_manifest.
func NewManifestDataSource() framework.DataSource { return &manifestDataSource{} }

// manifestModel is the data source as Terraform has it.
type manifestModel struct {
	commonModel

	YAML    types.String  `tfsdk:"yaml"`
	Objects types.Dynamic `tfsdk:"objects"`
	Command types.String  `tfsdk:"command"`
	Compose types.String  `tfsdk:"compose"`
}

// Metadata implements datasource.DataSource.
func (d *manifestDataSource) Metadata(_ context.Context, req framework.MetadataRequest, resp *framework.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrader_manifest"
}

// Schema implements datasource.DataSource.
func (d *manifestDataSource) Schema(_ context.Context, _ framework.SchemaRequest, resp *framework.SchemaResponse) {
	kubernetes, docker := kubernetesBlock(), dockerBlock()
	delete(kubernetes.Attributes, "force_conflicts") // nothing is written
	delete(docker.Attributes, attrHost)
	attributes := forDataSource(commonAttributes())
	maps.Copy(attributes, map[string]datasource.Attribute{
		attrToken: datasource.StringAttribute{
			MarkdownDescription: "Delegate token for the Secret on Kubernetes. It is kept in the state, here and in `yaml` and `objects`. " +
				"If omitted, no Secret is rendered, and the CronJob refers to `kubernetes.existing_secret`, or else to `kubernetes.secret_name`. Docker's `command` and `compose` take the token from the shell's environment.",
			Optional: true, Sensitive: true,
		},
		"yaml": datasource.StringAttribute{
			MarkdownDescription: "The Kubernetes objects as YAML documents. Null for Docker.",
			Computed:            true, Sensitive: true,
		},
		attrObjects: datasource.DynamicAttribute{
			MarkdownDescription: "The Kubernetes objects by `KIND/NAME`, for use with `for_each`. Null for Docker.",
			Computed:            true, Sensitive: true,
		},
		"command": datasource.StringAttribute{
			MarkdownDescription: "The `docker run` command. It takes the token from the environment variable `UPGRADER_TOKEN` of the shell. Null for Kubernetes.",
			Computed:            true, Sensitive: true,
		},
		"compose": datasource.StringAttribute{
			MarkdownDescription: "The upgrader as a Compose file. Null for Kubernetes.",
			Computed:            true, Sensitive: true,
		},
	})
	resp.Schema = datasource.Schema{
		MarkdownDescription: "Renders the objects of a delegate's upgrader, with the arguments of `harnessdelegate_upgrader`, for deployment by other tools. It makes no network calls.",
		Attributes:          attributes,
		Blocks: blocksForDataSource(map[string]schema.Block{
			attrProxy: proxyBlock(), attrKubernetes: kubernetes, attrDocker: docker,
		}),
	}
}

// ValidateConfig implements datasource.DataSourceWithValidateConfig.
func (d *manifestDataSource) ValidateConfig(ctx context.Context, req framework.ValidateConfigRequest, resp *framework.ValidateConfigResponse) {
	var config manifestModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	completed := config.completed(ctx)
	resp.Diagnostics.Append(completed.validate()...)
	existing, _ := member[types.String](completed.Kubernetes, attrExistingSecret)
	if existing.ValueString() != "" && config.Token.ValueString() != "" {
		resp.Diagnostics.AddAttributeError(path.Root(attrToken), "More Than One Token", "The token is given by token and by kubernetes.existing_secret. Keep one of them.")
	}
}

// Read implements datasource.DataSource.
func (d *manifestDataSource) Read(ctx context.Context, req framework.ReadRequest, resp *framework.ReadResponse) {
	var config manifestModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	completed := config.completed(ctx)
	settled := completed
	settled.settle(completed, d.Data, &resp.Diagnostics)
	of := settled.upgrader()
	checkNames(of, &resp.Diagnostics)
	for name, value := range map[string]types.String{scopeattr.AccountID: settled.AccountID, attrManagerEndpoint: settled.ManagerEndpoint} {
		if value.IsUnknown() {
			resp.Diagnostics.AddAttributeError(path.Root(name), "Provider Configuration Not Known Yet", fmt.Sprintf(
				"%s follows from the provider block, where it depends on something that is not applied yet. Set %s here, or apply what the provider's depends on first (-target).", name, name))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if of.Kubernetes != nil && of.Token == "" && of.Kubernetes.ExistingSecret == "" {
		of.Kubernetes.ExistingSecret = of.Kubernetes.Secret
	}
	config.AccountID, config.ManagerEndpoint, config.Image = settled.AccountID, settled.ManagerEndpoint, settled.Image
	resp.Diagnostics.Append(config.render(of)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// completed has the defaults that a resource's plan would have.
func (m *manifestModel) completed(ctx context.Context) commonModel {
	result := m.commonModel
	result.Proxy = withDefaults(ctx, proxyBlock(), m.Proxy)
	result.Kubernetes = withDefaults(ctx, kubernetesBlock(), m.Kubernetes)
	result.Docker = withDefaults(ctx, dockerBlock(), m.Docker)
	if m.Schedule.IsNull() {
		result.Schedule = types.StringValue(spec.DefaultSchedule)
	}
	if m.AutoUpgrade.IsNull() {
		result.AutoUpgrade = types.BoolValue(true)
	}
	return result
}

// render fills the results.
func (m *manifestModel) render(of spec.Upgrader) diag.Diagnostics {
	m.YAML, m.Command, m.Compose, m.Objects = types.StringNull(), types.StringNull(), types.StringNull(), types.DynamicNull()
	if of.Docker != nil {
		m.Command, m.Compose = types.StringValue(container.Command(of)), types.StringValue(container.Compose(of))
		return nil
	}
	objects, failure := cronjob.Manifest(of)
	if failure != nil {
		return explain("Unable to Render Upgrader", failure, spec.Applied{})
	}
	text, _ := cronjob.YAML(of) // of the same objects
	m.YAML, m.Objects = types.StringValue(text), dynamicOf(objects)
	return nil
}
