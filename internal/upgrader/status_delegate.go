package upgrader

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// listedModel is a delegate as the Manager lists it.
type listedModel struct {
	Connected     types.Bool        `tfsdk:"connected"`
	LastHeartbeat timetypes.RFC3339 `tfsdk:"last_heartbeat"`
	AutoUpgrade   types.String      `tfsdk:"auto_upgrade"`
	Replicas      []replicaModel    `tfsdk:"replicas"`
}

type replicaModel struct {
	HostName      types.String      `tfsdk:"host_name"`
	Version       types.String      `tfsdk:"version"`
	Connected     types.Bool        `tfsdk:"connected"`
	LastHeartbeat timetypes.RFC3339 `tfsdk:"last_heartbeat"`
}

// askManager fills in the Manager's side, or why there is none. That is never an
// error: the upgrader's own status doesn't depend on it.
func (m *statusModel) askManager(ctx context.Context, data *providerdata.Data) {
	client, scope, diags := m.Connect(data)
	if m.AccountID.IsUnknown() {
		m.AccountID = types.StringNull()
	}
	if diags.HasError() {
		m.DelegateProblem = types.StringValue(inOneLine(diags))
		return
	}
	client.ForgetDelegates(harness.MaxListAge) // read late in an apply, it tells what is then
	listed, err := client.Delegates(ctx, harness.DelegateQuery{Scope: scope})
	if err != nil {
		m.DelegateProblem = types.StringValue(inOneLine(apidiag.Errors("Unable to List Delegates", scope, err)))
		return
	}
	name := m.DelegateName.ValueString()
	i := slices.IndexFunc(listed, func(l harness.ListedDelegate) bool { return l.Name == name })
	if i < 0 {
		m.DelegateProblem = types.StringValue(fmt.Sprintf(
			"The Manager lists no delegate %q at %s. Set org_id and project_id to where the delegate is, and delegate_name if Harness knows it by another name. "+
				"A delegate is listed from its first start on, which takes a few minutes.", name, scope))
		return
	}
	m.Delegate = newListedModel(listed[i])
}

func newListedModel(l harness.ListedDelegate) *listedModel {
	model := &listedModel{
		Connected: types.BoolValue(l.Connected), LastHeartbeat: timeOr(l.LastHeartbeat), AutoUpgrade: textOr(l.AutoUpgrade),
		Replicas: []replicaModel{},
	}
	for _, r := range l.Replicas {
		model.Replicas = append(model.Replicas, replicaModel{
			HostName: textOr(r.HostName), Version: textOr(r.Version), Connected: types.BoolValue(r.Connected), LastHeartbeat: timeOr(r.LastHeartbeat),
		})
	}
	return model
}

// inOneLine is what diagnostics say, for an attribute.
func inOneLine(diags diag.Diagnostics) string {
	var details []string
	for _, d := range diags {
		details = append(details, strings.Join(strings.Fields(d.Detail()), " "))
	}
	return strings.Join(details, " ")
}
