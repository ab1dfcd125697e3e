package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

type parseVersion struct{}

// NewParseVersion makes the function parse_version.
func NewParseVersion() function.Function { return parseVersion{} }

// Metadata implements function.Function.
func (parseVersion) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_version"
}

// Definition implements function.Function.
func (parseVersion) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Parses a delegate version.",
		MarkdownDescription: "Parses a delegate version of the form `yy.mm.build[.variant]`, alone or as the tag of an image. " +
			"A legacy version (`1.0.76600`), `latest` or any other string is an error.",
		Parameters: []function.Parameter{versionParameter()},
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"version":       types.StringType,
			"release_year":  types.Int64Type,
			"release_month": types.Int64Type,
			"build":         types.Int64Type,
			"variant":       types.StringType,
		}},
	}
}

// versionParts has the names of the data source
// harnessdelegate_latest_supported_version.
type versionParts struct {
	Version      string  `tfsdk:"version"`
	ReleaseYear  int64   `tfsdk:"release_year"`
	ReleaseMonth int64   `tfsdk:"release_month"`
	Build        int64   `tfsdk:"build"`
	Variant      *string `tfsdk:"variant"`
}

// Run implements function.Function.
func (parseVersion) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	version, err := delegate.VersionOf(text)
	if err != nil {
		resp.Error = invalid(0, err)
		return
	}
	parts := versionParts{
		Version:      version.String(),
		ReleaseYear:  int64(version.Year),
		ReleaseMonth: int64(version.Month),
		Build:        version.Build,
	}
	if version.Variant != "" {
		parts.Variant = &version.Variant
	}
	resp.Error = resp.Result.Set(ctx, parts)
}
