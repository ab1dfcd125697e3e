package upgrader

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/timevalue"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// statusModel is the data source as Terraform has it.
type statusModel struct {
	scopeattr.Model

	ID           types.String   `tfsdk:"id"`
	DockerHost   types.String   `tfsdk:"docker_host"`
	DelegateName types.String   `tfsdk:"delegate_name"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`

	Image     types.String      `tfsdk:"image"`
	Schedule  types.String      `tfsdk:"schedule"`
	Timezone  types.String      `tfsdk:"timezone"`
	Suspended types.Bool        `tfsdk:"suspended"`
	NextRun   timetypes.RFC3339 `tfsdk:"next_run"`

	LastRun     timetypes.RFC3339 `tfsdk:"last_run"`
	LastSuccess timetypes.RFC3339 `tfsdk:"last_success"`
	LastFailure *failureModel     `tfsdk:"last_failure"`
	Running     types.Bool        `tfsdk:"running"`
	Container   *containerModel   `tfsdk:"container"`
	Healthy     types.Bool        `tfsdk:"healthy"`
	Problem     types.String      `tfsdk:"problem"`

	Delegate        *listedModel `tfsdk:"delegate"`
	DelegateProblem types.String `tfsdk:"delegate_problem"`
}

type failureModel struct {
	Time     timetypes.RFC3339 `tfsdk:"time"`
	Reason   types.String      `tfsdk:"reason"`
	ExitCode types.Int64       `tfsdk:"exit_code"`
	Message  types.String      `tfsdk:"message"`
}

type containerModel struct {
	State     types.String      `tfsdk:"state"`
	StartedAt timetypes.RFC3339 `tfsdk:"started_at"`
	Restarts  types.Int64       `tfsdk:"restarts"`
}

// take fills in what the platform tells.
func (m *statusModel) take(s spec.Status) {
	if m.DelegateName.IsNull() {
		m.DelegateName = textOr(s.DelegateName)
	}
	m.Image, m.Schedule, m.Timezone = textOr(s.Image), textOr(s.Schedule), textOr(s.TimeZone)
	m.Suspended, m.Running = types.BoolValue(s.Suspended), types.BoolValue(s.Running)
	m.NextRun, m.LastRun, m.LastSuccess = timeOr(s.NextRun), timeOr(s.LastRun), timeOr(s.LastSuccess)
	if f := s.LastFailure; f != nil {
		m.LastFailure = &failureModel{Time: timeOr(f.Time), Reason: textOr(f.Reason), ExitCode: types.Int64PointerValue(f.ExitCode), Message: textOr(f.Message)}
	}
	if c := s.Container; c != nil {
		m.Container = &containerModel{State: textOr(c.State), StartedAt: timeOr(c.StartedAt), Restarts: types.Int64Value(c.Restarts)}
	}
	m.Healthy, m.Problem = types.BoolValue(s.Problem() == ""), textOr(s.Problem())
}

func timeOr(t time.Time) timetypes.RFC3339 { return timevalue.Of(t) }
