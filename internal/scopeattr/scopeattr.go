// Package scopeattr is the three attributes by which every object says where in
// Harness it lives: account_id, org_id and project_id, under the names that
// the official Harness provider gives them.
package scopeattr

import (
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// The attributes' names.
const (
	AccountID = "account_id"
	OrgID     = "org_id"
	ProjectID = "project_id"
)

// Model is embedded in the model of every object that lives at a scope.
type Model struct {
	AccountID types.String `tfsdk:"account_id"`
	OrgID     types.String `tfsdk:"org_id"`
	ProjectID types.String `tfsdk:"project_id"`
}

const (
	describeAccount = "Identifier of the Harness account. Defaults to the provider's `account_id`."
	describeOrg     = "Identifier of the organization. Omit it for the account."
	describeProject = "Identifier of the project. Requires `org_id`. Omit it for the organization or the account."
)

// ResourceAttributes adds the attributes to those of a resource, for which
// another scope means another object.
func ResourceAttributes(others map[string]resource.Attribute) map[string]resource.Attribute {
	const replaced = " Changing this forces replacement."
	others[AccountID] = resource.StringAttribute{
		MarkdownDescription: describeAccount + replaced,
		Optional:            true,
		Computed:            true,
		Validators:          accountValidators(),
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	others[OrgID] = resource.StringAttribute{
		MarkdownDescription: describeOrg + replaced,
		Optional:            true,
		Validators:          identifierValidators(),
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	others[ProjectID] = resource.StringAttribute{
		MarkdownDescription: describeProject + replaced,
		Optional:            true,
		Validators:          projectValidators(),
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	return others
}

// DataSourceAttributes adds the attributes to those of a data source.
func DataSourceAttributes(others map[string]datasource.Attribute) map[string]datasource.Attribute {
	others[AccountID] = datasource.StringAttribute{
		MarkdownDescription: describeAccount,
		Optional:            true,
		Computed:            true,
		Validators:          accountValidators(),
	}
	others[OrgID] = datasource.StringAttribute{
		MarkdownDescription: describeOrg,
		Optional:            true,
		Validators:          identifierValidators(),
	}
	others[ProjectID] = datasource.StringAttribute{
		MarkdownDescription: describeProject,
		Optional:            true,
		Validators:          projectValidators(),
	}
	return others
}

// EphemeralAttributes adds the attributes to those of an ephemeral resource.
func EphemeralAttributes(others map[string]ephemeral.Attribute) map[string]ephemeral.Attribute {
	others[AccountID] = ephemeral.StringAttribute{
		MarkdownDescription: describeAccount,
		Optional:            true,
		Computed:            true,
		Validators:          accountValidators(),
	}
	others[OrgID] = ephemeral.StringAttribute{
		MarkdownDescription: describeOrg,
		Optional:            true,
		Validators:          identifierValidators(),
	}
	others[ProjectID] = ephemeral.StringAttribute{
		MarkdownDescription: describeProject,
		Optional:            true,
		Validators:          projectValidators(),
	}
	return others
}

// The length is apart from the form: as a repetition in a regular expression it
// would cost every start of the provider more than all else here together.
const identifierLength = 128

var (
	// accountForm only keeps out what would break an id in parts.
	accountForm = regexp.MustCompile(`^[^\s/]+$`)
	// identifierForm and identifierLength are Harness's rule for identifiers of
	// entities.
	identifierForm = regexp.MustCompile(`^[A-Za-z_][0-9A-Za-z_$]*$`)
)

func accountValidators() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(accountForm, "must be an account identifier, which has no slashes or blanks")}
}

func identifierValidators() []validator.String {
	return []validator.String{
		stringvalidator.RegexMatches(identifierForm, "must be an identifier, not a name: letters, digits, _ and $, not beginning with a digit"),
		stringvalidator.LengthAtMost(identifierLength),
	}
}

func projectValidators() []validator.String {
	return append(identifierValidators(), stringvalidator.AlsoRequires(path.MatchRoot(OrgID)))
}

// Connect gives what a look-up starts with: the client and the scope, for which
// it resolves the account by the provider's. All missing settings are reported
// together.
func (m *Model) Connect(data *providerdata.Data) (*harness.Client, delegate.Scope, diag.Diagnostics) {
	client, diags := data.Client()
	account, accountDiags := data.Account(m.AccountID)
	diags.Append(accountDiags...)
	if account.IsUnknown() {
		diags.AddAttributeError(path.Root(AccountID), "Account Not Known Yet",
			"The provider's \"account_id\" depends on something that is not applied yet, and this needs it now. "+
				"Set \"account_id\" here, or apply what the provider's depends on first (-target).")
	}
	m.AccountID = account
	return client, m.Known(), diags
}

// Known gives the scope of a model whose account is resolved.
func (m *Model) Known() delegate.Scope {
	return delegate.Scope{
		Account: m.AccountID.ValueString(),
		Org:     m.OrgID.ValueString(),
		Project: m.ProjectID.ValueString(),
	}
}

// IsKnown tells whether every part of the scope is known, null included.
func (m *Model) IsKnown() bool {
	return !m.AccountID.IsUnknown() && !m.OrgID.IsUnknown() && !m.ProjectID.IsUnknown()
}

// FromScope fills the model.
func FromScope(scope delegate.Scope) Model {
	return Model{
		AccountID: types.StringValue(scope.Account),
		OrgID:     orNull(scope.Org),
		ProjectID: orNull(scope.Project),
	}
}

func orNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
