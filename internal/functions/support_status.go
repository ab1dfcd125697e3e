package functions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

type supportStatus struct{}

// NewSupportStatus makes the function support_status.
func NewSupportStatus() function.Function { return supportStatus{} }

// Metadata implements function.Function.
func (supportStatus) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "support_status"
}

// Definition implements function.Function.
func (supportStatus) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Returns the support status of a delegate version at a given time.",
		MarkdownDescription: fmt.Sprintf("Returns the support status of a delegate version at a given time, by its published policy: `%s`; "+
			"`%s`, if there are no more product fixes; or `%s`, if there are no more security fixes.",
			delegate.Supported, delegate.EndOfSupport, delegate.EndOfLife),
		Parameters:        []function.Parameter{versionParameter(), timeParameter("The time asked about")},
		VariadicParameter: releaseDateParameter(),
		Return:            function.StringReturn{},
	}
}

// Run implements function.Function.
func (supportStatus) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var version, at string
	var dates []*string
	if resp.Error = req.Arguments.Get(ctx, &version, &at, &dates); resp.Error != nil {
		return
	}
	window, failure := windowOf(version, dates, 2)
	if failure != nil {
		resp.Error = failure
		return
	}
	moment, failure := timeOf(at, 1)
	if failure != nil {
		resp.Error = failure
		return
	}
	resp.Error = resp.Result.Set(ctx, string(window.StatusAt(moment)))
}
