package upgrader

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

const unableToRun = "Unable to Run Upgrader"

// runAction runs an upgrader now.
type runAction struct {
	providerdata.Action
}

var (
	_ action.ActionWithConfigure      = (*runAction)(nil)
	_ action.ActionWithValidateConfig = (*runAction)(nil)
)

// NewRunAction makes the action harnessdelegate_run_upgrader.
func NewRunAction() action.Action { return &runAction{} }

// Metadata implements action.Action.
func (a *runAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_run_upgrader"
}

// runModel is the action's configuration.
type runModel struct {
	ID       types.String   `tfsdk:"id"`
	Wait     types.Bool     `tfsdk:"wait"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// Schema implements action.Action.
func (a *runAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Runs an upgrader on Kubernetes now, whether Terraform manages it or not: it creates a Job from the CronJob, like `kubectl create job --from`. The run may upgrade the delegate immediately.",
		Attributes: map[string]schema.Attribute{
			attrID: schema.StringAttribute{
				MarkdownDescription: "ID of the upgrader: `kubernetes/NAMESPACE/CRONJOB`. It is the `id` of `harnessdelegate_upgrader`. Terraform doesn't have to manage the upgrader. " +
					"On Docker, runs can't be started from outside, so an ID of Docker is an error.",
				Required:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"wait": schema.BoolAttribute{
				MarkdownDescription: "Whether to wait for the run, and to fail if it fails. Defaults to `true`.",
				Optional:            true,
			},
		},
		Blocks: map[string]schema.Block{attrTimeouts: runTimeouts(ctx)},
	}
}

func runTimeouts(ctx context.Context) schema.Block {
	block := timeouts.BlockWithOpts(ctx, timeouts.Opts{
		InvokeDescription: fmt.Sprintf("How long the run may take, as a duration such as `30s` or `10m`. Defaults to `%s`. The run continues after the timeout.", defaultTimeoutText),
	})
	if nested, ok := block.(schema.SingleNestedBlock); ok {
		nested.MarkdownDescription = "How long the operation may take."
		return nested
	}
	return block
}

// ValidateConfig implements action.ActionWithValidateConfig.
func (a *runAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var config runModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.ID.IsUnknown() {
		return
	}
	_, _, diags := config.place()
	resp.Diagnostics.Append(diags...)
}

// place is where the upgrader is: an upgrader of which no more is known than its
// platform, and its place there. On Docker there is nothing that could be done:
// the upgrader has its schedule inside and takes no orders, and what a restart of
// its container leads to isn't documented.
func (m *runModel) place() (spec.Upgrader, spec.Place, diag.Diagnostics) {
	var diags diag.Diagnostics
	on, place, err := parseID(m.ID.ValueString())
	switch {
	case err != nil:
		diags.AddAttributeError(path.Root(attrID), "Invalid Upgrader Id", fmt.Sprintf(
			"The id %s. It is the id of a harnessdelegate_upgrader, for example: %q.", err, "kubernetes/harness-delegate-ng/payments-delegate-upgrader-job"))
	case on == onDocker:
		diags.AddAttributeError(path.Root(attrID), "No Runs by Hand on Docker", fmt.Sprintf(
			"The id %q is that of an upgrader on Docker, where nobody but the upgrader itself can start a run. It runs by its schedule: "+
				"give it a shorter one for as long as it takes. The data source harnessdelegate_upgrader_status tells when the next run is due.", m.ID.ValueString()))
	}
	return spec.Upgrader{Kubernetes: &spec.Kubernetes{}}, place, diags
}

// Invoke implements action.Action.
func (a *runAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config runModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	of, place, diags := config.place() // it may be known only now
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	platform, diags := platformOf(a.Data, of)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, config.Timeouts.Invoke, &resp.Diagnostics)
	defer cancel()
	tell := func(what string) { resp.SendProgress(action.InvokeProgressEvent{Message: what}) }
	starter, can := platform.(spec.Starter)
	if !can {
		resp.Diagnostics.AddError(unableToRun, fmt.Sprintf("Nothing can start a run of %q. This is a bug in the provider; please report it.", config.ID.ValueString()))
		return
	}
	run, err := starter.Start(ctx, place, tell)
	if err != nil {
		resp.Diagnostics.Append(notRun(unableToRun, err)...)
		return
	}
	if !config.Wait.IsNull() && !config.Wait.ValueBool() {
		tell(run.String() + " goes on by itself: wait is false")
		return
	}
	if err := run.Await(ctx, tell); err != nil {
		resp.Diagnostics.Append(notRun("Run of the Upgrader Failed", err)...)
	}
}

// notRun says why a run was not started, or has failed. Of the arguments that a
// platform's failures name, this action has the time-outs alone.
func notRun(summary string, err error) diag.Diagnostics {
	var diags diag.Diagnostics
	var failure *spec.Failure
	if errors.As(err, &failure) && len(failure.Argument) > 0 && failure.Argument[0] == attrTimeouts {
		diags.AddAttributeError(path.Root(attrTimeouts), summary, err.Error())
	} else {
		diags.AddError(summary, err.Error())
	}
	return diags
}
