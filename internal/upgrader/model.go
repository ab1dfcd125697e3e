package upgrader

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// commonModel is what the resource and the data source share.
type commonModel struct {
	DelegateName    types.String `tfsdk:"delegate_name"`
	AccountID       types.String `tfsdk:"account_id"`
	ManagerEndpoint types.String `tfsdk:"manager_endpoint"`
	Token           types.String `tfsdk:"token"`
	Schedule        types.String `tfsdk:"schedule"`
	AutoUpgrade     types.Bool   `tfsdk:"auto_upgrade"`
	DryRun          types.Bool   `tfsdk:"dry_run"`
	Image           types.String `tfsdk:"image"`
	Proxy           types.Object `tfsdk:"proxy"`
	Kubernetes      types.Object `tfsdk:"kubernetes"`
	Docker          types.Object `tfsdk:"docker"`
}

// resourceModel is the resource as Terraform has it.
type resourceModel struct {
	commonModel

	ID             types.String   `tfsdk:"id"`
	TokenWO        types.String   `tfsdk:"token_wo"`
	TokenWOVersion types.Int64    `tfsdk:"token_wo_version"`
	Verify         types.Bool     `tfsdk:"verify"`
	Objects        types.List     `tfsdk:"objects"`
	Drift          types.List     `tfsdk:"drift"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`
}

// proxyModel is the block proxy.
type proxyModel struct {
	Scheme            types.String `tfsdk:"scheme"`
	Host              types.String `tfsdk:"host"`
	Port              types.Int64  `tfsdk:"port"`
	User              types.String `tfsdk:"user"`
	Password          types.String `tfsdk:"password"`
	PasswordWO        types.String `tfsdk:"password_wo"`
	PasswordWOVersion types.Int64  `tfsdk:"password_wo_version"`
	ProxyManager      types.String `tfsdk:"proxy_manager"`
}

// decode reads a nested object. It is for objects that are known; their members
// need not be.
func decode[T any](ctx context.Context, object types.Object, diags *diag.Diagnostics) *T {
	if object.IsNull() || object.IsUnknown() {
		return nil
	}
	result := new(T)
	diags.Append(object.As(ctx, result, basetypes.ObjectAsOptions{})...)
	return result
}

// encode is the way back.
func encode[T any](ctx context.Context, value *T, as types.Object, diags *diag.Diagnostics) types.Object {
	memberTypes := as.AttributeTypes(ctx)
	if value == nil {
		return types.ObjectNull(memberTypes)
	}
	object, objectDiags := types.ObjectValueFrom(ctx, memberTypes, value)
	diags.Append(objectDiags...)
	return object
}

// upgrader is the domain's view. What isn't known yet is zero in it.
func (m *commonModel) upgrader(ctx context.Context, diags *diag.Diagnostics) spec.Upgrader {
	result := spec.Upgrader{
		DelegateName:    m.DelegateName.ValueString(),
		AccountID:       m.AccountID.ValueString(),
		ManagerEndpoint: m.ManagerEndpoint.ValueString(),
		Token:           secret.Text(m.Token.ValueString()),
		Schedule:        m.Schedule.ValueString(),
		AutoUpgrade:     m.AutoUpgrade.ValueBool(),
		DryRun:          m.DryRun.ValueBool(),
		Image:           m.Image.ValueString(),
	}
	if proxy := decode[proxyModel](ctx, m.Proxy, diags); proxy != nil {
		result.Proxy = proxy.proxy()
	}
	if block := decode[kubernetesModel](ctx, m.Kubernetes, diags); block != nil {
		result.Kubernetes = block.kubernetes(ctx, diags)
	}
	if block := decode[dockerModel](ctx, m.Docker, diags); block != nil {
		result.Docker = block.docker(ctx, diags)
	}
	return result
}

func (m proxyModel) proxy() spec.Proxy {
	return spec.Proxy{
		Scheme:      m.Scheme.ValueString(),
		Host:        m.Host.ValueString(),
		Port:        strconv.FormatInt(m.Port.ValueInt64(), 10),
		User:        m.User.ValueString(),
		Password:    secret.Text(m.Password.ValueString()),
		HasPassword: m.Password.ValueString() != "" || !m.PasswordWOVersion.IsNull(),
		Manager:     m.ProxyManager.ValueString(),
	}
}

// take fills the arguments with those of the live objects. The token isn't
// among them: another one is drift, which doesn't show it.
func (m *commonModel) take(ctx context.Context, live spec.Upgrader, diags *diag.Diagnostics) {
	m.DelegateName = textOr(live.DelegateName)
	m.AccountID = textOr(live.AccountID)
	if !sameAddress(m.ManagerEndpoint.ValueString(), live.ManagerEndpoint) {
		m.ManagerEndpoint = textOr(live.ManagerEndpoint)
	}
	if !delegate.SameSchedule(m.Schedule.ValueString(), live.Schedule) {
		m.Schedule = textOr(live.Schedule)
	}
	m.AutoUpgrade = types.BoolValue(live.AutoUpgrade)
	m.DryRun = types.BoolValue(live.DryRun)
	m.Image = textOr(live.Image)

	m.Proxy = encode(ctx, takeProxy(decode[proxyModel](ctx, m.Proxy, diags), live.Proxy), m.Proxy, diags)
	block := decode[kubernetesModel](ctx, m.Kubernetes, diags)
	if live.Kubernetes != nil {
		if block == nil {
			block = newKubernetesModel()
		}
		block.take(ctx, *live.Kubernetes, diags)
	}
	m.Kubernetes = encode(ctx, block, m.Kubernetes, diags)
	container := decode[dockerModel](ctx, m.Docker, diags)
	if live.Docker != nil {
		if container == nil {
			container = newDockerModel()
		}
		container.take(ctx, *live.Docker, diags)
	}
	m.Docker = encode(ctx, container, m.Docker, diags)
}

// takeProxy fills the proxy's arguments. The password is left as it is: another
// one is drift.
func takeProxy(block *proxyModel, live spec.Proxy) *proxyModel {
	if live.Host == "" && live.Port == "" && live.Scheme == "" && !live.HasCredentials() && live.Manager == "" {
		return nil
	}
	if block == nil {
		block = &proxyModel{}
	}
	block.Scheme, block.Host, block.User, block.ProxyManager = textOr(live.Scheme), textOr(live.Host), textOr(live.User), textOr(live.Manager)
	block.Port = types.Int64Null()
	if number, err := strconv.ParseInt(live.Port, 10, 64); err == nil {
		block.Port = types.Int64Value(number)
	}
	return block
}

// sameAddress tells whether two addresses differ in a slash at the end at most.
func sameAddress(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

// textOr is null for an empty text.
func textOr(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// numberOr is null where there is no number.
func numberOr(number *int64) types.Int64 { return types.Int64PointerValue(number) }

// texts reads a collection of texts; null gives nil, an empty one does not.
func texts(ctx context.Context, collection interface {
	attr.Value
	ElementsAs(ctx context.Context, target any, allowUnhandled bool) diag.Diagnostics
}, diags *diag.Diagnostics,
) []string {
	if collection.IsNull() || collection.IsUnknown() {
		return nil
	}
	values := []types.String{}
	diags.Append(collection.ElementsAs(ctx, &values, false)...)
	result := make([]string, 0, len(values))
	for _, value := range values {
		result = append(result, value.ValueString())
	}
	return result
}

// textsByKey reads a map of texts, null as nil. Values that aren't known yet are
// empty; a key whose value is null is as if it weren't there, so that a variable
// may be left out.
func textsByKey(ctx context.Context, collection types.Map, diags *diag.Diagnostics) map[string]string {
	if collection.IsNull() || collection.IsUnknown() {
		return nil
	}
	values := map[string]types.String{}
	diags.Append(collection.ElementsAs(ctx, &values, false)...)
	result := make(map[string]string, len(values))
	for key, value := range values {
		if !value.IsNull() {
			result[key] = value.ValueString()
		}
	}
	return result
}

// mapOf is the way back. A map that says the same stays as the user wrote it:
// null or empty, with members that are null or without.
func mapOf(ctx context.Context, before types.Map, live map[string]string) types.Map {
	var ignored diag.Diagnostics // what can't be read isn't the same
	if maps.Equal(textsByKey(ctx, before, &ignored), live) {
		return before
	}
	values := make(map[string]attr.Value, len(live))
	for key, value := range live {
		values[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, values)
}

func stringValues(live []string) []attr.Value {
	values := make([]attr.Value, 0, len(live))
	for _, value := range live {
		values = append(values, types.StringValue(value))
	}
	return values
}

// listOf is the way back for lists, with the same rule.
func listOf(before types.List, live []string) types.List {
	if len(live) == 0 && (before.IsNull() || len(before.Elements()) == 0) {
		if before.IsNull() {
			return types.ListNull(types.StringType)
		}
		return before
	}
	return types.ListValueMust(types.StringType, stringValues(live))
}

// emptyModel is a state in which nothing is set, with the types that its parts
// have even so.
func emptyModel(ctx context.Context) resourceModel {
	result := resourceModel{
		commonModel: emptyCommonModel(),
		Objects:     types.ListNull(types.StringType),
		Drift:       types.ListNull(types.StringType),
	}
	result.Timeouts = timeouts.Value{Object: types.ObjectNull(memberTypes(timeoutsAttribute(ctx).GetType()))}
	return result
}

func emptyCommonModel() commonModel {
	return commonModel{
		Proxy:      types.ObjectNull(memberTypes(proxyAttribute().GetType())),
		Kubernetes: types.ObjectNull(kubernetesTypes()),
		Docker:     types.ObjectNull(memberTypes(dockerAttribute().GetType())),
	}
}
