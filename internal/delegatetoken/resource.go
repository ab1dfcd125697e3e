// Package delegatetoken is the ephemeral resource harnessdelegate_token: the
// value of a delegate token, for the length of a plan or an apply only.
package delegatetoken

import (
	"context"
	"errors"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/timevalue"
)

const attrName = "name"

// trimmed is the form of names: the Manager cuts blanks off when it makes a
// token, and lists all tokens of a scope where the name asked for is empty.
var trimmed = regexp.MustCompile(`^\S(.*\S)?$`)

// resource has nothing to renew or to close: to read a token leaves no trace at
// the Manager.
type resource struct {
	providerdata.EphemeralResource
}

var _ ephemeral.EphemeralResourceWithConfigure = (*resource)(nil)

// NewEphemeralResource makes the ephemeral resource harnessdelegate_token.
func NewEphemeralResource() ephemeral.EphemeralResource { return &resource{} }

// Metadata implements ephemeral.EphemeralResource.
func (r *resource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_token"
}

// model is the ephemeral resource as Terraform has it.
type model struct {
	scopeattr.Model

	Name        types.String      `tfsdk:"name"`
	Value       types.String      `tfsdk:"value"`
	Status      types.String      `tfsdk:"status"`
	CreatedAt   timetypes.RFC3339 `tfsdk:"created_at"`
	RevokeAfter timetypes.RFC3339 `tfsdk:"revoke_after"`
}

// Schema implements ephemeral.EphemeralResource.
func (r *resource) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the value of a delegate token by its name, for write-only arguments such as `token_wo` of `harnessdelegate_upgrader`. " +
			"It is read in every plan and apply, and stored in neither plan nor state.",
		Attributes: scopeattr.EphemeralAttributes(map[string]schema.Attribute{
			attrName: schema.StringAttribute{
				MarkdownDescription: "Name of the token. Its scope must be exactly that of the other arguments.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.RegexMatches(trimmed, "must be a token's name, which neither is empty nor begins or ends with a blank")},
			},
			"value": schema.StringAttribute{
				MarkdownDescription: "The token as Harness shows it: base64 of 32 hexadecimal digits. " +
					"`token_wo` of `harnessdelegate_upgrader`, `delegateToken` of the Helm chart and the variables `DELEGATE_TOKEN` and `UPGRADER_TOKEN` accept it unchanged.",
				Computed:  true,
				Sensitive: true,
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "State of the token: `ACTIVE`. A revoked token is an error.",
				Computed:            true,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the token was created (RFC 3339, UTC). Null if the Manager doesn't return it.",
				Computed:            true,
				CustomType:          timetypes.RFC3339Type{},
			},
			"revoke_after": schema.StringAttribute{
				MarkdownDescription: "When the Manager revokes the token automatically, or up to an hour later (RFC 3339, UTC). Null if never. Plans and applies warn on the last day.",
				Computed:            true,
				CustomType:          timetypes.RFC3339Type{},
			},
		}),
	}
}

// Open implements ephemeral.EphemeralResource.
func (r *resource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var result model
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, scope, diags := result.Connect(r.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	name := result.Name.ValueString()
	token, err := client.DelegateToken(ctx, scope, name)
	switch {
	case errors.Is(err, harness.ErrNoSuchToken):
		resp.Diagnostics.Append(missing(name, scope))
		return
	case err != nil:
		resp.Diagnostics.Append(apidiag.Errors("Unable to Read Delegate Token", scope, err)...)
		return
	}
	resp.Diagnostics.Append(judge(token, scope, client.Now())...)
	if resp.Diagnostics.HasError() {
		return
	}
	result.observe(token)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &result)...)
}

// observe fills in what the Manager tells of the token.
func (m *model) observe(token harness.DelegateToken) {
	m.Value = types.StringValue(string(token.Value))
	m.Status = types.StringValue(token.Status)
	m.CreatedAt = timevalue.Of(token.CreatedAt)
	m.RevokeAfter = timevalue.Of(token.RevokeAfter)
}
