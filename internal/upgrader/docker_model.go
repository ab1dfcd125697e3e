package upgrader

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// dockerModel is the block docker.
type dockerModel struct {
	Name          types.String  `tfsdk:"name"`
	Host          types.String  `tfsdk:"host"`
	SocketPath    types.String  `tfsdk:"socket_path"`
	CPUs          types.Float64 `tfsdk:"cpus"`
	MemoryMB      types.Int64   `tfsdk:"memory_mb"`
	RestartPolicy types.String  `tfsdk:"restart_policy"`
	StopTimeout   types.Int64   `tfsdk:"stop_timeout"`
	Network       types.String  `tfsdk:"network"`
	Labels        types.Map     `tfsdk:"labels"`
	Env           types.Map     `tfsdk:"env"`
	LogDriver     types.String  `tfsdk:"log_driver"`
	LogOptions    types.Map     `tfsdk:"log_options"`
	PullPolicy    types.String  `tfsdk:"pull_policy"`
}

// newDockerModel is a block in which nothing is set.
func newDockerModel() *dockerModel {
	none := types.MapNull(types.StringType)
	return &dockerModel{Labels: none, Env: none, LogOptions: none, PullPolicy: types.StringValue(spec.DefaultPullPolicy)}
}

// docker is the domain's view.
func (m *dockerModel) docker(ctx context.Context, diags *diag.Diagnostics) *spec.Docker {
	return &spec.Docker{
		Host:          m.Host.ValueString(),
		Name:          m.Name.ValueString(),
		SocketPath:    m.SocketPath.ValueString(),
		CPUs:          m.CPUs.ValueFloat64(),
		MemoryMB:      m.MemoryMB.ValueInt64(),
		RestartPolicy: m.RestartPolicy.ValueString(),
		StopTimeout:   m.StopTimeout.ValueInt64(),
		Network:       m.Network.ValueString(),
		Labels:        textsByKey(ctx, m.Labels, diags),
		Env:           textsByKey(ctx, m.Env, diags),
		LogDriver:     m.LogDriver.ValueString(),
		LogOptions:    textsByKey(ctx, m.LogOptions, diags),
		PullPolicy:    m.PullPolicy.ValueString(),
	}
}

// take fills the block with the arguments of the live container, which knows
// neither its engine's address nor when its image is pulled.
func (m *dockerModel) take(ctx context.Context, live spec.Docker, _ *diag.Diagnostics) {
	m.Name = textOr(live.Name)
	m.SocketPath = textOr(live.SocketPath)
	m.CPUs = types.Float64Value(live.CPUs)
	m.MemoryMB = types.Int64Value(live.MemoryMB)
	m.RestartPolicy = textOr(live.RestartPolicy)
	m.StopTimeout = types.Int64Value(live.StopTimeout)
	m.Network = textOr(live.Network)
	m.Labels = mapOf(ctx, m.Labels, live.Labels)
	m.Env = mapOf(ctx, m.Env, live.Env)
	m.LogDriver = textOr(live.LogDriver)
	m.LogOptions = mapOf(ctx, m.LogOptions, live.LogOptions)
}
