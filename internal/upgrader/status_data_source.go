package upgrader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	framework "github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// statusDataSource tells how an upgrader is doing.
type statusDataSource struct {
	providerdata.DataSource
}

var (
	_ framework.DataSourceWithConfigure      = (*statusDataSource)(nil)
	_ framework.DataSourceWithValidateConfig = (*statusDataSource)(nil)
)

// NewStatusDataSource makes the data source harnessdelegate_upgrader_status.
func NewStatusDataSource() framework.DataSource { return &statusDataSource{} }

// Metadata implements datasource.DataSource.
func (d *statusDataSource) Metadata(_ context.Context, req framework.MetadataRequest, resp *framework.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_upgrader_status"
}

// ValidateConfig implements datasource.DataSourceWithValidateConfig.
func (d *statusDataSource) ValidateConfig(ctx context.Context, req framework.ValidateConfigRequest, resp *framework.ValidateConfigResponse) {
	var config statusModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.ID.IsUnknown() {
		return
	}
	_, _, diags := config.place()
	resp.Diagnostics.Append(diags...)
}

// place is where the upgrader is: an upgrader of which no more is known than its
// platform, and its place there.
func (m *statusModel) place() (spec.Upgrader, spec.Place, diag.Diagnostics) {
	var diags diag.Diagnostics
	on, place, err := parseID(m.ID.ValueString())
	switch {
	case err != nil:
		diags.AddAttributeError(path.Root(attrID), "Invalid Upgrader Id", fmt.Sprintf(
			"The id %s. It is the id of a harnessdelegate_upgrader, for example: %q or %q.",
			err, "kubernetes/harness-delegate-ng/payments-delegate-upgrader-job", "docker/payments-delegate-upgrader"))
	case on == onKubernetes && !m.DockerHost.IsNull():
		diags.AddAttributeError(path.Root(attrDockerHost), "No Engine to Ask", fmt.Sprintf(
			"The id %q is that of an upgrader on Kubernetes, and %s is for those on Docker. Remove it.", m.ID.ValueString(), attrDockerHost))
	}
	if on == onDocker {
		return spec.Upgrader{Docker: &spec.Docker{Host: m.DockerHost.ValueString()}}, place, diags
	}
	return spec.Upgrader{Kubernetes: &spec.Kubernetes{}}, place, diags
}

// Read implements datasource.DataSource.
func (d *statusDataSource) Read(ctx context.Context, req framework.ReadRequest, resp *framework.ReadResponse) {
	var result statusModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	of, place, diags := result.place()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, result.Timeouts.Read, &resp.Diagnostics)
	defer cancel()
	platform, diags := platformOf(d.Data, of)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	status, exists, err := platform.Status(ctx, place, time.Now())
	switch {
	case err != nil:
		resp.Diagnostics.Append(notRead(err)...)
		return
	case !exists:
		resp.Diagnostics.AddAttributeError(path.Root(attrID), "No Such Upgrader", fmt.Sprintf(
			"There is no upgrader at %q: it was removed, or never made. Check the names; the provider block says which cluster or engine is asked. "+
				"For one that the same configuration makes, write harnessdelegate_upgrader.NAME.id.", result.ID.ValueString()))
		return
	}
	for _, finding := range slices.Concat(status.Unseen, status.Findings) {
		resp.Diagnostics.AddWarning(finding.Summary, finding.Detail)
	}
	result.take(status)
	result.askManager(ctx, d.Data)
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// notRead says why there is no status. Of the arguments that a platform's
// failures name, this data source has the time-outs alone.
func notRead(err error) diag.Diagnostics {
	const summary = "Unable to Read the Upgrader's Status"
	var diags diag.Diagnostics
	var failure *spec.Failure
	if errors.As(err, &failure) && len(failure.Argument) > 0 && failure.Argument[0] == attrTimeouts {
		diags.AddAttributeError(path.Root(attrTimeouts), summary, err.Error())
	} else {
		diags.AddError(summary, err.Error())
	}
	return diags
}
