package functions

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

type resolveImage struct{}

// NewResolveImage makes the function resolve_image.
func NewResolveImage() function.Function { return resolveImage{} }

// Metadata implements function.Function.
func (resolveImage) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "resolve_image"
}

var tagsType = types.SetType{ElemType: types.StringType}

// Definition implements function.Function.
func (resolveImage) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Returns the image that a delegate gets with given overrides.",
		MarkdownDescription: "Returns the image that a delegate gets with given tag overrides, and why. " +
			"It applies the rules of the data source `harnessdelegate_resolved_image` and makes no network calls.",
		Parameters: []function.Parameter{
			function.ListParameter{
				Name: "overrides",
				MarkdownDescription: "The overrides at the delegate's scope and above it, such as those of `harnessdelegate_tag_overrides`: " +
					"`id` (the slot, such as `ACCOUNT/ORG/PROJECT/tagged`), `tags`, `delegate_tag` and `valid_until`. Other attributes are ignored.",
				ElementType: types.ObjectType{AttrTypes: map[string]attr.Type{
					"id":           types.StringType,
					"tags":         tagsType,
					"delegate_tag": types.StringType,
					"valid_until":  types.StringType,
				}},
			},
			function.ObjectParameter{
				Name: "delegate",
				MarkdownDescription: "The delegate: `org_id`, `project_id`, `name` and `tags`. Use null for attributes that don't apply. Other attributes are ignored. " +
					"Its account is that of the overrides.",
				AttributeTypes: map[string]attr.Type{
					"org_id":     types.StringType,
					"project_id": types.StringType,
					"name":       types.StringType,
					"tags":       tagsType,
				},
			},
			function.StringParameter{
				Name: "latest",
				MarkdownDescription: "The result if no override applies: the latest supported version, such as `24.04.82804`, " +
					"or an image.",
			},
			timeParameter("The time asked about, at which some overrides may have ended"),
		},
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"image":       types.StringType,
			"version":     types.StringType,
			"source":      types.StringType,
			"override_id": types.StringType,
			"valid_until": types.StringType,
			"trail":       types.ListType{ElemType: types.ObjectType{AttrTypes: stepTypes}},
		}},
	}
}

// Run implements function.Function.
func (resolveImage) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var overrideArguments []*overrideArgument
	var subject delegateArgument
	var latest, at string
	if resp.Error = req.Arguments.Get(ctx, &overrideArguments, &subject, &latest, &at); resp.Error != nil {
		return
	}
	overrides, err := overridesOf(overrideArguments)
	if err != nil {
		resp.Error = invalid(0, err)
		return
	}
	of, err := subject.in(accountOf(overrides))
	if err != nil {
		resp.Error = invalid(1, err)
		return
	}
	image, err := latestImage(latest)
	if err != nil {
		resp.Error = invalid(2, err)
		return
	}
	now, failure := timeOf(at, 3)
	if failure != nil {
		resp.Error = failure
		return
	}
	resp.Error = resp.Result.Set(ctx, resolved(delegate.Resolve(of, overrides, image, now)))
}

// latestImage is the image of a version that is given by itself.
func latestImage(text string) (string, error) {
	if strings.ContainsAny(text, "/:@") {
		return text, checkImage(text)
	}
	if _, err := delegate.ParseVersion(text); err != nil {
		return "", err
	}
	return delegate.PublishedImage(text), nil
}
