package scopeattr_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// validate runs the validators of one attribute, beside which the organization
// is set as told.
func validate(t *testing.T, attribute string, value types.String, org any) []string {
	t.Helper()
	attributes := resource.Schema{Attributes: scopeattr.ResourceAttributes(map[string]resource.Attribute{})}
	raw := tftypes.NewValue(attributes.Type().TerraformType(t.Context()), map[string]tftypes.Value{
		scopeattr.AccountID: tftypes.NewValue(tftypes.String, nil),
		scopeattr.OrgID:     tftypes.NewValue(tftypes.String, org),
		scopeattr.ProjectID: tftypes.NewValue(tftypes.String, nil),
	})
	req := validator.StringRequest{
		Path:           path.Root(attribute),
		PathExpression: path.MatchRoot(attribute),
		ConfigValue:    value,
		Config:         tfsdk.Config{Schema: attributes, Raw: raw},
	}
	var details []string
	for _, v := range attributes.Attributes[attribute].(resource.StringAttribute).Validators { //nolint:forcetypeassert // all three are texts
		var resp validator.StringResponse
		v.ValidateString(t.Context(), req, &resp)
		for _, d := range resp.Diagnostics {
			details = append(details, d.Detail())
		}
	}
	return details
}

func TestIdentifiers(t *testing.T) {
	long := "a" + strings.Repeat("b", 127)
	for _, tc := range []struct {
		attribute, value string
		ok               bool
	}{
		{scopeattr.AccountID, "aBcDeFgHiJkLmNoPqRsTuV", true},
		{scopeattr.AccountID, "1-a_b", true},
		{scopeattr.AccountID, "", false},
		{scopeattr.AccountID, "a/b", false},
		{scopeattr.AccountID, "a b", false},
		{scopeattr.AccountID, "a\n", false},
		{scopeattr.OrgID, "default", true},
		{scopeattr.OrgID, "_x$1", true},
		{scopeattr.OrgID, long, true},
		{scopeattr.OrgID, long + "c", false},
		{scopeattr.OrgID, "", false},
		{scopeattr.OrgID, "1st", false},
		{scopeattr.OrgID, "$x", false},
		{scopeattr.OrgID, "My Organization", false},
		{scopeattr.OrgID, "my-org", false},
		{scopeattr.OrgID, "a/b", false},
		{scopeattr.ProjectID, "payments", true},
		{scopeattr.ProjectID, "My Project", false},
	} {
		t.Run(tc.attribute+" "+tc.value, func(t *testing.T) {
			details := validate(t, tc.attribute, types.StringValue(tc.value), "default")
			if (len(details) == 0) != tc.ok {
				t.Errorf("%q: %v, want it accepted: %t", tc.value, details, tc.ok)
			}
			wanted := "identifier"
			if len(tc.value) > len(long) {
				wanted = "at most 128"
			}
			if !tc.ok && !strings.Contains(details[0], wanted) {
				t.Errorf("the message doesn't ask for %q: %v", wanted, details)
			}
		})
	}
}

func TestAProjectNeedsItsOrganization(t *testing.T) {
	if details := validate(t, scopeattr.ProjectID, types.StringValue("payments"), nil); len(details) != 1 || !strings.Contains(details[0], "org_id") {
		t.Errorf("without an organization: %v, want a message that names org_id", details)
	}
	for name, org := range map[string]any{"known": "default", "not known yet": tftypes.UnknownValue} {
		if details := validate(t, scopeattr.ProjectID, types.StringValue("payments"), org); len(details) != 0 {
			t.Errorf("with an organization that is %s: %v", name, details)
		}
	}
	for name, project := range map[string]types.String{"none": types.StringNull(), "not known yet": types.StringUnknown()} {
		if details := validate(t, scopeattr.ProjectID, project, "default"); len(details) != 0 {
			t.Errorf("with a project that is %s: %v", name, details)
		}
	}
}

func TestAttributesAreAdded(t *testing.T) {
	resources := scopeattr.ResourceAttributes(map[string]resource.Attribute{"more": resource.StringAttribute{}})
	dataSources := scopeattr.DataSourceAttributes(map[string]datasource.Attribute{"more": datasource.StringAttribute{}})
	ephemerals := scopeattr.EphemeralAttributes(map[string]ephemeral.Attribute{"more": ephemeral.StringAttribute{}})
	if len(resources) != 4 || len(dataSources) != 4 || len(ephemerals) != 4 {
		t.Errorf("there are %d, %d and %d attributes, want the three of the scope and the other", len(resources), len(dataSources), len(ephemerals))
	}
	for _, name := range []string{scopeattr.AccountID, scopeattr.OrgID, scopeattr.ProjectID} {
		attribute, ok := resources[name].(resource.StringAttribute)
		if !ok || !attribute.IsOptional() || attribute.IsComputed() != (name == scopeattr.AccountID) {
			t.Errorf("%s of a resource is %+v", name, attribute)
		}
		if len(attribute.PlanModifiers) != 1 || !strings.Contains(attribute.MarkdownDescription, "Changing this forces replacement.") {
			t.Errorf("another %s means another object, and the description must say so", name)
		}
		if other, ok := dataSources[name].(datasource.StringAttribute); !ok || !other.IsOptional() || other.IsComputed() != attribute.IsComputed() ||
			len(other.Validators) != len(attribute.Validators) || strings.Contains(other.MarkdownDescription, "replacement") {
			t.Errorf("%s of a data source is %+v", name, other)
		}
		if other, ok := ephemerals[name].(ephemeral.StringAttribute); !ok || !other.IsOptional() || other.IsComputed() != attribute.IsComputed() ||
			len(other.Validators) != len(attribute.Validators) || strings.Contains(other.MarkdownDescription, "replacement") {
			t.Errorf("%s of an ephemeral resource is %+v", name, other)
		}
	}
}

func TestConnect(t *testing.T) {
	set, null, unknown := types.StringValue("provider"), types.StringNull(), types.StringUnknown()
	for name, tc := range map[string]struct {
		model           scopeattr.Model
		account, apiKey types.String
		want            delegate.Scope
		// says is one text per error.
		says []string
	}{
		"all its own": {
			scopeattr.Model{AccountID: types.StringValue("own"), OrgID: types.StringValue("default"), ProjectID: types.StringValue("payments")},
			set, set,
			delegate.Scope{Account: "own", Org: "default", Project: "payments"},
			nil,
		},
		"the provider's account": {
			scopeattr.Model{AccountID: null, OrgID: types.StringValue("default"), ProjectID: null},
			set, set,
			delegate.Scope{Account: "provider", Org: "default"},
			nil,
		},
		"no account":                  {scopeattr.Model{AccountID: null}, null, set, delegate.Scope{}, []string{"HARNESS_ACCOUNT_ID"}},
		"an account to come":          {scopeattr.Model{AccountID: null}, unknown, set, delegate.Scope{}, []string{`The provider's "account_id" depends on something that is not applied yet`}},
		"all that is missing at once": {scopeattr.Model{AccountID: null}, null, null, delegate.Scope{}, []string{"HARNESS_PLATFORM_API_KEY", "HARNESS_ACCOUNT_ID"}},
	} {
		t.Run(name, func(t *testing.T) {
			data := providerdata.New(
				providerdata.Setting{Attribute: "account_id", Variable: "HARNESS_ACCOUNT_ID", Value: tc.account},
				[]providerdata.Setting{{Attribute: "platform_api_key", Variable: "HARNESS_PLATFORM_API_KEY", Value: tc.apiKey}},
				func() *harness.Client { return harness.New(harness.Config{}) },
			)
			model := tc.model
			client, got, diags := model.Connect(data)
			if diags.ErrorsCount() != len(tc.says) {
				t.Fatalf("diagnostics: %v", diags)
			}
			for i, text := range tc.says {
				if !strings.Contains(diags[i].Detail(), text) {
					t.Errorf("%q is missing in: %s", text, diags[i].Detail())
				}
			}
			if len(tc.says) > 0 {
				return
			}
			if client == nil {
				t.Error("there is no client")
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("scope (-want +got):\n%s", diff)
			}
			if model.Known() != tc.want {
				t.Errorf("the model isn't filled in: %+v", model)
			}
		})
	}
}

func TestIsKnown(t *testing.T) {
	known, unknown := types.StringValue("x"), types.StringUnknown()
	for _, tc := range []struct {
		model scopeattr.Model
		want  bool
	}{
		{scopeattr.Model{AccountID: known, OrgID: types.StringNull(), ProjectID: types.StringNull()}, true},
		{scopeattr.Model{AccountID: unknown, OrgID: known, ProjectID: known}, false},
		{scopeattr.Model{AccountID: known, OrgID: unknown, ProjectID: known}, false},
		{scopeattr.Model{AccountID: known, OrgID: known, ProjectID: unknown}, false},
	} {
		if got := tc.model.IsKnown(); got != tc.want {
			t.Errorf("%+v: %t, want %t", tc.model, got, tc.want)
		}
	}
}

func TestFromScopeAndBack(t *testing.T) {
	for _, scope := range []delegate.Scope{{Account: "a"}, {Account: "a", Org: "o"}, {Account: "a", Org: "o", Project: "p"}} {
		model := scopeattr.FromScope(scope)
		if model.Known() != scope || model.OrgID.IsNull() != (scope.Org == "") || model.ProjectID.IsNull() != (scope.Project == "") {
			t.Errorf("%s becomes %+v", scope, model)
		}
	}
}
