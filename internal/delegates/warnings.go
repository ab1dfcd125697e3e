package delegates

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// mostUnseen is how many texts a warning shows; the attribute has them all.
const mostUnseen = 5

// unseenWarning is one warning of all that could not be seen.
func unseenWarning(unseen []string) diag.Diagnostics {
	if len(unseen) == 0 {
		return nil
	}
	shown := unseen[:min(len(unseen), mostUnseen)]
	text := "The answer is not whole. Not seen:\n\n  - " + strings.Join(shown, "\n  - ")
	if more := len(unseen) - len(shown); more > 0 {
		text += fmt.Sprintf("\n  - and %d more, which \"unseen\" lists", more)
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Not All Delegates Seen in Full", text+"\n\n"+
		"Grant the API key's principal the permission that is missing, at the scope or above it. "+
		"If it is only the identifiers and the times of upgraders, \"group_details = false\" does without them.")}
}
