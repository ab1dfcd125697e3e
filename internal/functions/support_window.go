package functions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

type supportWindow struct{}

// NewSupportWindow makes the function support_window.
func NewSupportWindow() function.Function { return supportWindow{} }

// Metadata implements function.Function.
func (supportWindow) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "support_window"
}

// Definition implements function.Function.
func (supportWindow) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Returns the support dates of a delegate version.",
		MarkdownDescription: fmt.Sprintf("Returns the support dates of a delegate version by Harness's published policy: "+
			"%d months with product fixes and %d with security fixes.", delegate.MonthsToEndOfSupport, delegate.MonthsToEndOfLife),
		Parameters:        []function.Parameter{versionParameter()},
		VariadicParameter: releaseDateParameter(),
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"end_of_support": types.StringType,
			"end_of_life":    types.StringType,
		}},
	}
}

type windowResult struct {
	EndOfSupport string `tfsdk:"end_of_support"`
	EndOfLife    string `tfsdk:"end_of_life"`
}

// Run implements function.Function.
func (supportWindow) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var version string
	var dates []*string
	if resp.Error = req.Arguments.Get(ctx, &version, &dates); resp.Error != nil {
		return
	}
	window, failure := windowOf(version, dates, 1)
	if failure != nil {
		resp.Error = failure
		return
	}
	resp.Error = resp.Result.Set(ctx, windowResult{
		EndOfSupport: timeText(window.EndOfSupport),
		EndOfLife:    timeText(window.EndOfLife),
	})
}
