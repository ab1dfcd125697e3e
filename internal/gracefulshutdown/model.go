package gracefulshutdown

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// resourceModel is the resource in configuration, plan and state.
type resourceModel struct {
	ID             types.String      `tfsdk:"id"`
	Namespace      types.String      `tfsdk:"namespace"`
	Kind           types.String      `tfsdk:"kind"`
	Name           types.String      `tfsdk:"name"`
	Seconds        wholenumber.Value `tfsdk:"termination_grace_period_seconds"`
	LongestTask    wholenumber.Value `tfsdk:"longest_task_seconds"`
	ForceConflicts types.Bool        `tfsdk:"force_conflicts"`
	WaitForRollout types.Bool        `tfsdk:"wait_for_rollout"`
	Previous       types.Int64       `tfsdk:"previous"`
	Timeouts       timeouts.Value    `tfsdk:"timeouts"`
}

func (m resourceModel) place() place {
	return place{m.Namespace.ValueString(), m.Kind.ValueString(), m.Name.ValueString()}
}

// placed tells whether the workload is known.
func (m resourceModel) placed() bool {
	return !m.Namespace.IsUnknown() && !m.Kind.IsUnknown() && !m.Name.IsUnknown()
}

// settledID is the ID if it is known.
func (m resourceModel) settledID() types.String {
	if !m.placed() {
		return types.StringUnknown()
	}
	return types.StringValue(m.place().id())
}
