package delegates

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// named picks the delegates of a name.
func named(listed []harness.ListedDelegate, name string) []harness.ListedDelegate {
	var found []harness.ListedDelegate
	for _, d := range listed {
		if d.Name == name {
			found = append(found, d)
		}
	}
	return found
}

// identifiersOf asks for the identifiers of the delegates of a name. They only
// help to tell them apart, so that nothing is said where they can't be had.
func identifiersOf(ctx context.Context, client *harness.Client, scope delegate.Scope, name string) []string {
	groups, err := client.Groups(ctx, scope)
	if err != nil {
		return nil
	}
	var identifiers []string
	for _, g := range groups {
		if g.Name == name {
			identifiers = append(identifiers, g.Identifier)
		}
	}
	return identifiers
}

// elsewhere says at which other scopes of the account there is a delegate of the
// name, as far as that can be seen; empty if there is none.
func elsewhere(ctx context.Context, client *harness.Client, scope delegate.Scope, name string) string {
	account, err := fleet.Read(ctx, client, fleet.Query{
		Scope: delegate.Scope{Account: scope.Account}, Below: true,
		Keep: func(d harness.ListedDelegate) bool { return d.Name == name },
	})
	if err != nil {
		return ""
	}
	var places []string
	for _, m := range account.Members {
		switch {
		case !m.Placed:
			places = append(places, strings.Join(slices.DeleteFunc([]string{m.OrgName, m.ProjectName}, func(s string) bool { return s == "" }), " / "))
		case m.Scope != scope:
			places = append(places, m.Scope.Short())
		}
	}
	if len(places) == 0 {
		return ""
	}
	return fmt.Sprintf("There is one of this name at %s. A delegate lives at the scope of the token that it registers with.", some(places))
}

// near says which names at the scope come close, or else which there are.
func near(listed []harness.ListedDelegate, name string) string {
	var names, similar []string
	for _, d := range listed {
		names = append(names, d.Name)
		if resembles(d.Name, name) {
			similar = append(similar, d.Name)
		}
	}
	switch {
	case len(names) == 0:
		return "There are no delegates at this scope."
	case len(similar) > 0:
		return "Names like it at this scope: " + some(quotedEach(similar)) + "."
	default:
		return "The delegates at this scope are " + some(quotedEach(names)) + "."
	}
}

// mostNames is how many names a message shows.
const mostNames = 5

func some(texts []string) string {
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if more := len(texts) - mostNames; more > 0 {
		return strings.Join(texts[:mostNames], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(texts, ", ")
}

func quotedEach(texts []string) []string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return quoted
}
