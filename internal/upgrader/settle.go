package upgrader

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
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
func (m *commonModel) settle(config commonModel, data *providerdata.Data, diags *diag.Diagnostics) {
	account, accountDiags := data.Account(config.AccountID)
	diags.Append(accountDiags...)
	m.AccountID = account
	m.ManagerEndpoint = data.Endpoint(config.ManagerEndpoint)
	if config.Image.IsNull() {
		m.Image = defaultImage(m)
	}
	m.Kubernetes = withMembers(m.Kubernetes, m.derivedNames(config))
	m.Docker = withMembers(m.Docker, m.derivedNames(config))
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

// derivedNames are the names that follow from the delegate's, by argument. The two
// platforms have no argument of a name in common.
func (m *commonModel) derivedNames(config commonModel) map[string]attr.Value {
	names := map[string]attr.Value{}
	derive := func(block types.Object, argument string, rule func(string) string) {
		given, _ := member[types.String](block, argument)
		switch {
		case !given.IsNull():
		case m.DelegateName.IsUnknown():
			names[argument] = types.StringUnknown()
		default:
			names[argument] = types.StringValue(rule(m.DelegateName.ValueString()))
		}
	}
	for _, name := range spec.AllNames() {
		derive(config.Kubernetes, name.Argument, name.Default)
	}
	derive(config.Docker, attrName, spec.DefaultContainerName)
	return names
}

// checkNames refuses names that follow from the delegate's and can't be given.
// Those that are configured are checked where they are.
func checkNames(of spec.Upgrader, diags *diag.Diagnostics) {
	if of.Kubernetes == nil {
		return
	}
	names := of.Kubernetes.Names
	for _, name := range spec.AllNames() {
		value := *name.Of(&names)
		if value == "" {
			continue
		}
		if err := nameProblem(value, name.Limit); err != nil {
			diags.AddAttributeError(inKubernetes(name.Argument), "Invalid Name", fmt.Sprintf(
				"The name of the %[1]s would be %[2]q: %[3]s. The name of a %[1]s has at most %[4]d lower-case letters, digits, hyphens and dots. Set kubernetes.%[5]s, which defaults to a name derived from delegate_name (%[6]q).",
				name.Kind, value, err, name.Limit, name.Argument, of.DelegateName))
		}
	}
	token := of.Kubernetes.TokenSecret()
	if of.Proxy.HasCredentials() && token != "" && token == names.ConfigMap {
		diags.AddAttributeError(inKubernetes("config_map_name"), "Names Collide", fmt.Sprintf(
			"With a proxy user or password, the configuration is kept in a Secret named by kubernetes.config_map_name. The Secret with the token has the same name, %q. Give them different names.", token))
	}
}

// settledObjects lists the objects that the plan leads to, or nothing known
// where names, or what decides about objects, aren't known yet.
func (m *commonModel) settledObjects() types.List {
	decides := map[string][]string{
		attrProxy:      {"user", "password", attrPasswordWOVersion},
		attrKubernetes: {attrExistingSecret, "rbac"},
		attrDocker:     {attrName},
	}
	for _, name := range spec.AllNames() {
		decides[attrKubernetes] = append(decides[attrKubernetes], name.Argument)
	}
	for block, object := range map[string]types.Object{attrProxy: m.Proxy, attrKubernetes: m.Kubernetes, attrDocker: m.Docker} {
		for _, name := range decides[block] {
			if _, unknown := member[attr.Value](object, name); unknown {
				return types.ListUnknown(types.StringType)
			}
		}
	}
	if rbac, _ := member[types.Object](m.Kubernetes, "rbac"); !rbac.IsNull() {
		if _, unknown := member[attr.Value](rbac, "create"); unknown {
			return types.ListUnknown(types.StringType)
		}
	}
	return listOf(objectsOf(m.upgrader()))
}

// settledID is the id that the plan leads to, if it is known.
func (m *commonModel) settledID() types.String {
	if id := placeID(m.upgrader()); id != "" {
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
