// Package providerdata is what the provider hands to everything that it offers,
// from resources to actions: the settings of its block, and the clients that are
// made of them when something first needs one.
package providerdata

import (
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
)

// EndpointAttribute is the argument that holds the Manager's address.
const EndpointAttribute = "endpoint"

// Setting is one value of the provider block, from wherever it came. It knows
// its names, so that a message can tell what to set.
type Setting struct {
	// Attribute is the argument of the provider block.
	Attribute string
	// Variable is the environment variable that serves instead.
	Variable string
	// Value is null where neither is set, and unknown where it depends on
	// something that is to be applied first.
	Value types.String
}

// Data is shared by all operations of a run and doesn't change after it is
// made.
type Data struct {
	account    Setting
	needed     []Setting
	client     func() *harness.Client
	kubernetes platform[kubernetes.Client]
	docker     engines
	impact     *fleet.Budget
	shared     sync.Map
	locks      sync.Map
}

// New makes the data of settings. The Manager's client is made by connect,
// when and if it is first asked for, which it can be once the needed settings
// are known. The platforms are options.
func New(account Setting, needed []Setting, connect func() *harness.Client, options ...Option) *Data {
	data := &Data{account: account, needed: needed, client: sync.OnceValue(connect)}
	for _, option := range options {
		option(data)
	}
	return data
}

// Unknown names the provider arguments that aren't known yet and without which
// no request can be made.
func (d *Data) Unknown() []string {
	var unknown []string
	for _, setting := range d.needed {
		if setting.Value.IsUnknown() {
			unknown = append(unknown, setting.Attribute)
		}
	}
	return unknown
}

// Client gives the client of the Manager's API, or says which setting it
// lacks.
func (d *Data) Client() (*harness.Client, diag.Diagnostics) {
	var diags diag.Diagnostics
	for _, setting := range d.needed {
		switch {
		case setting.Value.IsUnknown():
			diags.Append(notKnownYet(setting.Attribute))
		case setting.Value.ValueString() == "":
			diags.AddError("Missing Provider Configuration", fmt.Sprintf(
				"This needs a connection to the Harness Manager, and %q is not set. "+
					"Set %q in the provider block, or the environment variable %s.",
				setting.Attribute, setting.Attribute, setting.Variable))
		}
	}
	if diags.HasError() {
		return nil, diags
	}
	return d.client(), diags
}

// Account gives the account identifier for an object: its own where it is
// configured (unknown included), else the provider's. A missing one is an
// error that names both ways to set it.
func (d *Data) Account(configured types.String) (types.String, diag.Diagnostics) {
	var diags diag.Diagnostics
	switch {
	case !configured.IsNull():
		return configured, diags
	case d.account.Value.IsUnknown() || d.account.Value.ValueString() != "":
		return d.account.Value, diags
	default:
		diags.AddAttributeError(path.Root(d.account.Attribute), "Missing Account", fmt.Sprintf(
			"No account is set. Set %q here or in the provider block, or the environment variable %s. "+
				"Harness shows the identifier under Account Settings, Account Details.",
			d.account.Attribute, d.account.Variable))
		return types.StringNull(), diags
	}
}

// Endpoint gives the Manager's address as Harness's own programs want it,
// without the path of its API: the object's own where it is configured
// (unknown included), else the provider's.
func (d *Data) Endpoint(configured types.String) types.String {
	if !configured.IsNull() {
		return configured
	}
	for _, setting := range d.needed {
		if setting.Attribute != EndpointAttribute {
			continue
		}
		if setting.Value.IsUnknown() || setting.Value.IsNull() {
			return setting.Value
		}
		address := strings.TrimRight(setting.Value.ValueString(), "/")
		return types.StringValue(strings.TrimRight(strings.TrimSuffix(address, "/gateway"), "/"))
	}
	return types.StringNull()
}
