package delegates

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/timevalue"
)

// observedModel is what is read of a delegate, beside its scope and name.
type observedModel struct {
	ID                types.String      `tfsdk:"id"`
	Identifier        types.String      `tfsdk:"identifier"`
	Type              types.String      `tfsdk:"type"`
	Description       types.String      `tfsdk:"description"`
	Tags              types.Set         `tfsdk:"tags"`
	OrgName           types.String      `tfsdk:"org_name"`
	ProjectName       types.String      `tfsdk:"project_name"`
	Connected         types.Bool        `tfsdk:"connected"`
	LastHeartbeat     timetypes.RFC3339 `tfsdk:"last_heartbeat"`
	AutoUpgrade       types.String      `tfsdk:"auto_upgrade"`
	UpgraderLastAsked timetypes.RFC3339 `tfsdk:"upgrader_last_asked"`
	Legacy            types.Bool        `tfsdk:"legacy"`
	Replicas          []replicaModel    `tfsdk:"replicas"`
	Version           types.String      `tfsdk:"version"`
	ReleaseYear       types.Int64       `tfsdk:"release_year"`
	ReleaseMonth      types.Int64       `tfsdk:"release_month"`
	EndOfSupport      timetypes.RFC3339 `tfsdk:"end_of_support"`
	EndOfLife         timetypes.RFC3339 `tfsdk:"end_of_life"`
	SupportStatus     types.String      `tfsdk:"support_status"`
}

type replicaModel struct {
	UUID             types.String      `tfsdk:"uuid"`
	HostName         types.String      `tfsdk:"host_name"`
	Version          types.String      `tfsdk:"version"`
	Connected        types.Bool        `tfsdk:"connected"`
	LastHeartbeat    timetypes.RFC3339 `tfsdk:"last_heartbeat"`
	ManagerExpiresAt timetypes.RFC3339 `tfsdk:"manager_expires_at"`
}

// entryModel is one delegate in a list.
type entryModel struct {
	scopeattr.Model
	observedModel

	Name types.String `tfsdk:"name"`
}

func entryOf(m fleet.Member, now time.Time) entryModel {
	return entryModel{
		Model:         scopeattr.FromScope(m.Scope),
		observedModel: observe(m, now),
		Name:          types.StringValue(m.Name),
	}
}

// observe tells of a delegate what the Manager does, and what follows from it at
// the time given.
func observe(m fleet.Member, now time.Time) observedModel {
	observed := observedModel{
		ID:            types.StringValue(idOf(m)),
		Type:          textOrNull(m.Type),
		Description:   types.StringValue(m.Description),
		Tags:          setOf(m.Tags),
		OrgName:       textOrNull(m.OrgName),
		ProjectName:   textOrNull(m.ProjectName),
		Connected:     types.BoolValue(m.Connected),
		LastHeartbeat: timevalue.Of(m.LastHeartbeat),
		AutoUpgrade:   textOrNull(m.AutoUpgrade),
		Legacy:        types.BoolValue(m.Legacy),
		Replicas:      []replicaModel{},
	}
	if m.Group != nil {
		observed.Identifier = textOrNull(m.Group.Identifier)
		observed.UpgraderLastAsked = timevalue.Of(m.Group.UpgraderAsked)
	}
	for _, r := range m.Replicas {
		observed.Replicas = append(observed.Replicas, replicaOf(r))
	}
	observed.support(oldestVersion(m.Replicas), now)
	return observed
}

func replicaOf(r harness.Replica) replicaModel {
	return replicaModel{
		UUID:             textOrNull(r.UUID),
		HostName:         textOrNull(r.HostName),
		Version:          textOrNull(r.Version),
		Connected:        types.BoolValue(r.Connected),
		LastHeartbeat:    timevalue.Of(r.LastHeartbeat),
		ManagerExpiresAt: timevalue.Of(r.ExpiringAt),
	}
}

// support fills in what the published policy says of a version. Of one that tells
// no release it says nothing.
func (o *observedModel) support(text string, now time.Time) {
	o.Version = textOrNull(text)
	version, err := delegate.ParseVersion(text)
	if err != nil {
		return
	}
	window := version.Window()
	o.ReleaseYear = types.Int64Value(int64(version.Year))
	o.ReleaseMonth = types.Int64Value(int64(version.Month))
	o.EndOfSupport = timetypes.NewRFC3339TimeValue(window.EndOfSupport)
	o.EndOfLife = timetypes.NewRFC3339TimeValue(window.EndOfLife)
	o.SupportStatus = types.StringValue(string(window.StatusAt(now)))
}

// idOf is the account, organization, project and name of a delegate. Of one that
// isn't placed only names are known: they stand in parentheses, which no
// identifier has.
func idOf(m fleet.Member) string {
	parts := []string{m.Scope.Account, m.Scope.Org, m.Scope.Project}
	if !m.Placed {
		parts[1], parts[2] = bracketed(m.OrgName), bracketed(m.ProjectName)
	}
	parts = slices.DeleteFunc(append(parts, m.Name), func(part string) bool { return part == "" })
	return strings.Join(parts, "/")
}

func bracketed(name string) string {
	if name == "" {
		return ""
	}
	return "(" + name + ")"
}

// distinguish makes the ids of a list unique, as keys of for_each have to be. Two
// are the same only where the Manager tells the same names for two scopes that
// can't be identified.
func distinguish(entries []entryModel) {
	seen := make(map[string]int, len(entries))
	for i := range entries {
		id := entries[i].ID.ValueString()
		seen[id]++
		if nth := seen[id]; nth > 1 {
			entries[i].ID = types.StringValue(id + "#" + strconv.Itoa(nth))
		}
	}
}

func setOf(tags delegate.Tags) types.Set {
	values := make([]attr.Value, len(tags))
	for i, tag := range tags {
		values[i] = types.StringValue(tag)
	}
	return types.SetValueMust(types.StringType, values)
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
