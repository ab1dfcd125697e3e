package upgrader

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// settle fills the arguments that the configuration leaves out and that follow
// from others: the account and the Manager by the provider's, the image by the
// platform, names by the delegate's. What follows from something that isn't
// known yet stays unknown; apply settles it.
func (m *commonModel) settle(ctx context.Context, config commonModel, data *providerdata.Data, diags *diag.Diagnostics) {
	account, accountDiags := data.Account(config.AccountID)
	diags.Append(accountDiags...)
	m.AccountID = account
	m.ManagerEndpoint = data.Endpoint(config.ManagerEndpoint)
	m.settleWithout(ctx, config, diags)
}

// settleWithout is settle without what the provider block decides.
func (m *commonModel) settleWithout(ctx context.Context, config commonModel, diags *diag.Diagnostics) {
	if config.Image.IsNull() {
		m.Image = defaultImage(m)
	}
	if block := decode[kubernetesModel](ctx, m.Kubernetes, diags); block != nil {
		var configured types.Object
		if given := decode[kubernetesModel](ctx, config.Kubernetes, diags); given != nil {
			configured = given.Names
		}
		block.Names = settleNames(ctx, configured, m.DelegateName, diags)
		m.Kubernetes = encode(ctx, block, m.Kubernetes, diags)
	}
	if block := decode[dockerModel](ctx, m.Docker, diags); block != nil {
		if given := decode[dockerModel](ctx, config.Docker, diags); given == nil || given.Name.IsNull() {
			block.Name = derived(m.DelegateName, spec.DefaultContainerName)
		}
		m.Docker = encode(ctx, block, m.Docker, diags)
	}
}

func defaultImage(m *commonModel) types.String {
	switch {
	case m.Kubernetes.IsUnknown() || m.Docker.IsUnknown():
		return types.StringUnknown()
	case !m.Docker.IsNull():
		return types.StringValue(spec.DefaultDockerImage)
	default:
		return types.StringValue(spec.DefaultKubernetesImage)
	}
}

// derived is a text that follows from another, known or not.
func derived(from types.String, rule func(string) string) types.String {
	if from.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(rule(from.ValueString()))
}

// settleNames gives each object its configured name, or the default.
func settleNames(ctx context.Context, configured types.Object, delegateName types.String, diags *diag.Diagnostics) types.Object {
	memberTypes := objectNull(attrNames).AttributeTypes(ctx)
	if configured.IsUnknown() {
		return types.ObjectUnknown(memberTypes)
	}
	given := decode[namesModel](ctx, configured, diags)
	if given == nil {
		given = &namesModel{}
	}
	fallback := func(of func(spec.Names) string) types.String {
		return derived(delegateName, func(name string) string { return of(spec.DefaultNames(name)) })
	}
	for _, name := range []struct {
		given *types.String
		of    func(spec.Names) string
	}{
		{&given.CronJob, func(n spec.Names) string { return n.CronJob }},
		{&given.ServiceAccount, func(n spec.Names) string { return n.ServiceAccount }},
		{&given.Role, func(n spec.Names) string { return n.Role }},
		{&given.RoleBinding, func(n spec.Names) string { return n.RoleBinding }},
		{&given.Secret, func(n spec.Names) string { return n.Secret }},
		{&given.ConfigMap, func(n spec.Names) string { return n.ConfigMap }},
	} {
		if name.given.IsNull() {
			*name.given = fallback(name.of)
		}
	}
	return encode(ctx, given, types.ObjectNull(memberTypes), diags)
}

// checkNames refuses names that follow from the delegate's and can't be given.
// Those that are configured are checked where they are.
func checkNames(of spec.Upgrader, diags *diag.Diagnostics) {
	if of.Kubernetes == nil {
		return
	}
	names := of.Kubernetes.Names
	for _, name := range []struct {
		attribute, kind, value string
		limit                  int
	}{
		{"cron_job", "CronJob", names.CronJob, spec.MaxCronJobName},
		{"service_account", "ServiceAccount", names.ServiceAccount, spec.MaxKubernetesKey},
		{"role", "Role", names.Role, spec.MaxKubernetesKey},
		{"role_binding", "RoleBinding", names.RoleBinding, spec.MaxKubernetesKey},
		{"secret", "Secret", names.Secret, spec.MaxKubernetesKey},
		{"config_map", "ConfigMap", names.ConfigMap, spec.MaxKubernetesKey},
	} {
		if name.value == "" {
			continue
		}
		if err := nameProblem(name.value, name.limit); err != nil {
			diags.AddAttributeError(inKubernetes(attrNames, name.attribute), "Invalid Name", fmt.Sprintf(
				"The %s would be named %q: %s. A %s's name has at most %d lower-case letters, digits, hyphens and dots. Set kubernetes.names.%s to another name, since it follows from delegate_name (%q) otherwise.",
				name.kind, name.value, err, name.kind, name.limit, name.attribute, of.DelegateName))
		}
	}
	token := of.Kubernetes.ExistingSecret
	if token == "" {
		token = names.Secret
	}
	if of.Proxy.HasCredentials() && token != "" && token == names.ConfigMap {
		diags.AddAttributeError(inKubernetes(attrNames, "config_map"), "Names Collide", fmt.Sprintf(
			"With a proxy user or password, the configuration lies in a Secret named by kubernetes.names.config_map, and that is the name of the token's Secret, too: %q. Give them different names.", token))
	}
}

// settledObjects lists the objects that the plan leads to, or nothing known
// where names, or what decides about objects, aren't known yet.
func (m *commonModel) settledObjects(ctx context.Context, diags *diag.Diagnostics) types.List {
	unknown := types.ListUnknown(types.StringType)
	if m.Kubernetes.IsUnknown() || m.Docker.IsUnknown() || m.Proxy.IsUnknown() {
		return unknown
	}
	if proxy := decode[proxyModel](ctx, m.Proxy, diags); proxy != nil && (proxy.User.IsUnknown() || proxy.Password.IsUnknown() || proxy.PasswordWOVersion.IsUnknown()) {
		return unknown
	}
	if block := decode[kubernetesModel](ctx, m.Kubernetes, diags); block != nil {
		if block.ExistingSecret.IsUnknown() || block.Names.IsUnknown() || anyUnknown(block.Names) {
			return unknown
		}
	}
	if block := decode[dockerModel](ctx, m.Docker, diags); block != nil && block.Name.IsUnknown() {
		return unknown
	}
	return types.ListValueMust(types.StringType, stringValues(objectsOf(m.upgrader(ctx, diags))))
}

func anyUnknown(object types.Object) bool {
	for _, member := range object.Attributes() {
		if member.IsUnknown() {
			return true
		}
	}
	return false
}

// settledID is the id that the plan leads to, if it is known.
func (m *commonModel) settledID(ctx context.Context, diags *diag.Diagnostics) types.String {
	if id := placeID(m.upgrader(ctx, diags)); id != "" {
		return types.StringValue(id)
	}
	return types.StringUnknown()
}

// platformPath is the block of the platform.
func platformPath(of spec.Upgrader) path.Path {
	if of.Docker != nil {
		return path.Root(attrDocker)
	}
	return path.Root(attrKubernetes)
}
