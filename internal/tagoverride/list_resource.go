package tagoverride

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

const (
	unableToList = "Unable to List Tag Overrides"

	attrIncludeChildScopes = "include_child_scopes"
)

// listResource finds the overrides that are set, for "terraform query".
type listResource struct {
	// Data comes to list resources as it does to resources.
	providerdata.Resource
}

var _ list.ListResourceWithConfigure = (*listResource)(nil)

// NewListResource makes the list resource harnessdelegate_tag_override.
func NewListResource() list.ListResource { return &listResource{} }

// Metadata implements list.ListResource. The name is that of the resource.
func (l *listResource) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	NewResource().Metadata(ctx, req, resp)
}

// listResourceModel is the list block's configuration.
type listResourceModel struct {
	scopeattr.Model

	IncludeChildScopes types.Bool   `tfsdk:"include_child_scopes"`
	Kind               types.String `tfsdk:"kind"`
}

// wants tells whether the configuration asks for such an override.
func (m *listResourceModel) wants(o delegate.Override) bool {
	return m.Kind.IsNull() || m.Kind.ValueString() == o.Slot().Kind()
}

// ListResourceConfigSchema implements list.ListResource.
func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the tag overrides of an account, an organization or a project. " +
			"`terraform query` lists them and generates configuration that imports them without changes.",
		Attributes: scopeattr.ListAttributes(map[string]schema.Attribute{
			attrIncludeChildScopes: schema.BoolAttribute{
				MarkdownDescription: "Whether to include the scopes below: the projects of the organization, or all organizations and projects of the account. " +
					"This takes one request for each of them. Defaults to `false`.",
				Optional: true,
			},
			attrKind: schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("Only overrides of one kind: `%s` for those with delegate tags, `%s` for those without. By default, both.", kindTagged, kindUntagged),
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(kindTagged, kindUntagged)},
			},
		}),
	}
}

// List implements list.ListResource. Results go out as scopes are read, each
// scope's override without tags first.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listResourceModel
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	client, scope, diags := config.Connect(l.Data)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		scopes, problems := []delegate.Scope{scope}, diag.Diagnostics(nil)
		if config.IncludeChildScopes.ValueBool() {
			below, belowDiags := childScopes(ctx, client, scope)
			scopes, problems = append(scopes, below...), belowDiags
		}
		s := sender{req: req, push: push, wants: config.wants}
		for held := range inScopes(ctx, client, scopes) {
			if !s.send(ctx, client, held, held.scope == scope) {
				return
			}
		}
		// Last, since Terraform stops reading at an error.
		if problems.HasError() {
			push(list.ListResult{Diagnostics: problems})
		}
	}
}

// sender gives results to Terraform until it has enough of them.
type sender struct {
	req   list.ListRequest
	push  func(list.ListResult) bool
	wants func(delegate.Override) bool
	sent  int64
}

// send gives what a scope holds, or why that can't be read, and tells whether
// to go on. The scope is the one that the configuration names, or below it.
func (s *sender) send(ctx context.Context, client *harness.Client, held held, named bool) bool {
	if held.err != nil {
		diags := unreadable(held.scope, held.err, named)
		return len(diags) == 0 || s.push(list.ListResult{Diagnostics: diags})
	}
	now := client.Now()
	for _, o := range sortedBySlot(held.overrides) {
		if o.ExpiredAt(now) || !s.wants(o) {
			continue
		}
		if s.req.Limit > 0 && s.sent == s.req.Limit {
			return false
		}
		s.sent++
		if !s.push(resultOf(ctx, s.req, client, o)) {
			return false
		}
	}
	return true
}

// resultOf is one override as a list result.
func resultOf(ctx context.Context, req list.ListRequest, client *harness.Client, o delegate.Override) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = displayName(o)
	result.Diagnostics.Append(result.Identity.Set(ctx, identityOf(o.Slot()))...)
	if !req.IncludeResource {
		return result
	}
	model, diags := asImported(ctx, o, client.Now(), result.Resource)
	result.Diagnostics.Append(diags...)
	result.Diagnostics.Append(result.Resource.Set(ctx, &model)...)
	if _, err := delegate.ParseImage(o.Image); err != nil {
		result.Diagnostics.AddWarning("Image That Configurations Refuse", fmt.Sprintf(
			"%s holds an override for an image that no container runtime could pull, and that configurations don't accept: %s. "+
				"Remove it from what is generated, and the override from the Manager; or set another image there, and query again.",
			capital(o.Slot().String()), err))
	}
	return result
}

// displayName describes an override in few words: "project default/payments, tags
// {gpu}".
func displayName(o delegate.Override) string {
	where := fmt.Sprintf("%s %s", o.Scope.Level(), o.Scope.Account)
	switch o.Scope.Level() {
	case delegate.LevelProject:
		where = fmt.Sprintf("%s %s/%s", o.Scope.Level(), o.Scope.Org, o.Scope.Project)
	case delegate.LevelOrg:
		where = fmt.Sprintf("%s %s", o.Scope.Level(), o.Scope.Org)
	case delegate.LevelAccount:
	}
	if len(o.Tags) == 0 {
		return where + ", without tags"
	}
	return where + ", tags " + o.Tags.String()
}
