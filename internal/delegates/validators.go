package delegates

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var constantForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// constant is a word of the Manager's, such as the example. Newer Managers have
// more words than are known here; a word in lower case is none of them and would
// match nothing.
func constant(example string) validator.String {
	return stringvalidator.RegexMatches(constantForm, fmt.Sprintf("must be spelled as the Manager spells it, in capitals, such as %s", example))
}

// regularExpression wants a text that compiles.
type regularExpression struct{}

// Description implements validator.String.
func (regularExpression) Description(context.Context) string {
	return "must be a regular expression (RE2)"
}

// MarkdownDescription implements validator.String.
func (v regularExpression) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (regularExpression) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Regular Expression", fmt.Sprintf(
			"%s is %q: %s. It must be a regular expression in the syntax of RE2, which has no backreferences and no lookaround.",
			req.Path, req.ConfigValue.ValueString(), err))
	}
}
