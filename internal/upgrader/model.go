package upgrader

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
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

	ID             types.String      `tfsdk:"id"`
	TokenWO        types.String      `tfsdk:"token_wo"`
	TokenWOVersion wholenumber.Value `tfsdk:"token_wo_version"`
	Verify         types.Bool        `tfsdk:"verify"`
	Objects        types.List        `tfsdk:"objects"`
	Drift          types.List        `tfsdk:"drift"`
	Timeouts       timeouts.Value    `tfsdk:"timeouts"`
}

// upgrader is the domain's view. What isn't known yet is zero in it.
func (m *commonModel) upgrader() spec.Upgrader {
	var result spec.Upgrader
	fields := fieldsOf(reflect.ValueOf(&result).Elem())
	for name, value := range m.attributes() {
		given, _ := value.Interface().(attr.Value)
		read(terraformValue(given), fields[name])
	}
	passwordVersion, _ := member[attr.Value](m.Proxy, attrPasswordWOVersion)
	result.Proxy.HasPassword = result.Proxy.Password != "" || passwordVersion != nil && !passwordVersion.IsNull()
	if k := result.Kubernetes; k != nil {
		k.RBAC = k.RBAC.Complete()
		// In the documented order, since sets have none.
		k.RBAC.CronJobVerbs = inOrder(spec.DefaultCronJobVerbs(), k.RBAC.CronJobVerbs)
		k.RBAC.DeploymentVerbs = inOrder(spec.DefaultDeploymentVerbs(), k.RBAC.DeploymentVerbs)
	}
	return result
}

// inOrder gives the members of some in the order of all.
func inOrder(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(member string) bool { return !slices.Contains(some, member) })
}

// attributes are the fields of the model by the names of attributes.
func (m *commonModel) attributes() map[string]reflect.Value {
	model := reflect.ValueOf(m).Elem()
	fields := make(map[string]reflect.Value, model.NumField())
	for i := range model.NumField() {
		fields[model.Type().Field(i).Tag.Get("tfsdk")] = model.Field(i)
	}
	return fields
}

// take fills the arguments with those of the live objects. Secrets aren't among
// them: another one is drift, which doesn't show it.
func (m *commonModel) take(live spec.Upgrader) {
	before := m.upgrader()
	if isSameSchedule(live.Docker != nil, before.Schedule, live.Schedule) {
		live.Schedule = before.Schedule
	}
	if sameAddress(before.ManagerEndpoint, live.ManagerEndpoint) {
		live.ManagerEndpoint = before.ManagerEndpoint
	}
	live.Token, live.Proxy.Password = before.Token, before.Proxy.Password
	if live.Kubernetes != nil {
		block := *live.Kubernetes
		block.RBAC = takenRBAC(m.Kubernetes, block.RBAC)
		live.Kubernetes = &block
	}
	fields := fieldsOf(reflect.ValueOf(&live).Elem())
	for name, value := range m.attributes() {
		switch old := value.Interface().(type) {
		case types.Object:
			if field := fields[name]; field.Kind() != reflect.Pointer || !field.IsNil() {
				value.Set(reflect.ValueOf(takeBlock(old, field)))
			}
		case types.Bool:
			value.Set(reflect.ValueOf(types.BoolValue(fields[name].Bool())))
		case types.String:
			value.Set(reflect.ValueOf(textOr(fields[name].String())))
		}
	}
}

// takeBlock leaves a block out that says nothing.
func takeBlock(before types.Object, live reflect.Value) types.Object {
	if isEmpty(live) {
		return types.ObjectNull(before.AttributeTypes(noContext))
	}
	return refresh(before, live.Interface())
}

// takenRBAC leaves out what is the default and isn't configured.
func takenRBAC(block types.Object, live spec.RBAC) spec.RBAC {
	rbac, _ := member[types.Object](block, "rbac")
	given := spec.RBAC{}
	if block := decode[spec.RBAC](rbac); block != nil {
		given = *block
	}
	documented := spec.RBAC{}.Complete()
	if given.Create == nil && live.Creates() {
		live.Create = nil
	}
	if given.CronJobVerbs == nil && sameSet(live.CronJobVerbs, documented.CronJobVerbs) {
		live.CronJobVerbs = nil
	}
	if given.DeploymentVerbs == nil && sameSet(live.DeploymentVerbs, documented.DeploymentVerbs) {
		live.DeploymentVerbs = nil
	}
	return live
}

// sameSet tells whether two lists without repetitions have the same members.
func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(member string) bool { return !slices.Contains(b, member) })
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

func listOf(texts []string) types.List {
	values := make([]attr.Value, 0, len(texts))
	for _, text := range texts {
		values = append(values, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, values)
}

// emptyModel is a state in which nothing is set, with the types that its parts
// have even so.
func emptyModel(ctx context.Context) resourceModel {
	return resourceModel{
		commonModel: emptyCommonModel(),
		Objects:     types.ListNull(types.StringType),
		Drift:       types.ListNull(types.StringType),
		Timeouts:    timeouts.Value{Object: types.ObjectNull(memberTypes(timeoutsBlock(ctx).Type()))},
	}
}

func emptyCommonModel() commonModel {
	return commonModel{
		Proxy:      types.ObjectNull(memberTypes(proxyBlock().Type())),
		Kubernetes: types.ObjectNull(memberTypes(kubernetesBlock().Type())),
		Docker:     types.ObjectNull(memberTypes(dockerBlock().Type())),
	}
}

func memberTypes(of attr.Type) map[string]attr.Type {
	object, _ := of.(attr.TypeWithAttributeTypes)
	return object.AttributeTypes()
}
