package delegates

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// missingError tells that no delegate of a list has the name.
type missingError struct{ listed []harness.ListedDelegate }

// Error implements error.
func (e *missingError) Error() string {
	return fmt.Sprintf("none of %d delegates has the name", len(e.listed))
}

// severalError tells that a name doesn't tell one delegate from another.
type severalError struct{ found []harness.ListedDelegate }

// Error implements error.
func (e *severalError) Error() string {
	reports := make([]string, len(e.found))
	for i, d := range e.found {
		reports[i] = report(d)
	}
	return fmt.Sprintf("%d delegates have the name:\n%s", len(e.found), strings.Join(reports, "\n"))
}

// explain says what kept a delegate from being read, with what else is known of
// it and what to do. For that it may ask the Manager once more.
func explain(ctx context.Context, client *harness.Client, scope delegate.Scope, name string, err error) diag.Diagnostics {
	var (
		missing *missingError
		several *severalError
		notYet  *notYetError
	)
	switch {
	case errors.As(err, &missing):
		return atName("Delegate Not Found", fmt.Sprintf("There is no delegate %q at %s.", name, scope),
			near(missing.listed, name), elsewhere(ctx, client, scope, name),
			"If it is being installed by this configuration, name what installs it in \"depends_on\", and wait for it with \"wait_for\".")
	case errors.As(err, &several):
		detail := fmt.Sprintf("Of the delegates at %s, %s", scope, err)
		identifiers := ""
		if ids := identifiersOf(ctx, client, scope, name); len(ids) > 0 {
			identifiers = "Their identifiers are " + some(quotedEach(ids)) + "."
		}
		return atName("Several Delegates Have This Name", detail, identifiers,
			"Rename one of them, or delete the record of the one that is gone; \"harnessdelegate_delegates\" lists them all.")
	case errors.As(err, &notYet):
		other, hint := "", "Find out what holds it up, or raise \"timeouts.read\" if it only takes longer."
		if notYet.seen == nil {
			other = elsewhere(ctx, client, scope, name)
			hint = "It has not registered with this name at this scope. See whether it runs and what it logs, and whether its DELEGATE_NAME is this name. " + hint
		}
		return atName("Delegate Not as Awaited", fmt.Sprintf("Delegate %q at %s: %s", name, scope, err), other, hint)
	default:
		return apidiag.Errors("Unable to Read Delegate", scope, err)
	}
}

// atName is an error at the attribute name, of the paragraphs that hold a text.
func atName(summary string, paragraphs ...string) diag.Diagnostics {
	var held []string
	for _, paragraph := range paragraphs {
		if paragraph != "" {
			held = append(held, paragraph)
		}
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root(attrName), summary, strings.Join(held, "\n\n"))}
}
