package functions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

type scheduleInterval struct{}

// NewScheduleInterval makes the function schedule_interval.
func NewScheduleInterval() function.Function { return scheduleInterval{} }

// Metadata implements function.Function.
func (scheduleInterval) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "schedule_interval"
}

// Definition implements function.Function.
func (scheduleInterval) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Returns the time between the runs of an upgrader's schedule.",
		MarkdownDescription: "Returns the longest and the shortest time between two runs of an upgrader's schedule, and whether Harness always shows " +
			"the delegate as upgraded automatically.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "schedule",
			MarkdownDescription: "A schedule, as for `harnessdelegate_upgrader`: a cron expression of five fields, or on Kubernetes a descriptor " +
				"such as `@hourly` or `@every 45m`.",
		}},
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"longest_minutes":  types.Float64Type,
			"shortest_minutes": types.Float64Type,
			"shown_as_on":      types.BoolType,
		}},
	}
}

// intervalResult counts in minutes, as Harness's advice does. Only @every can
// make fractions of them.
type intervalResult struct {
	LongestMinutes  float64 `tfsdk:"longest_minutes"`
	ShortestMinutes float64 `tfsdk:"shortest_minutes"`
	ShownAsOn       bool    `tfsdk:"shown_as_on"`
}

// Run implements function.Function.
func (scheduleInterval) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	schedule, err := delegate.ParseSchedule(text)
	if err != nil {
		resp.Error = invalid(0, fmt.Errorf("%q is not a schedule such as \"*/15 * * * *\" for every 15 minutes: %w", text, err))
		return
	}
	resp.Error = resp.Result.Set(ctx, intervalResult{
		LongestMinutes:  schedule.LongestInterval().Minutes(),
		ShortestMinutes: schedule.ShortestInterval().Minutes(),
		ShownAsOn:       schedule.ShownAsOn(),
	})
}
