package fleet

import (
	"errors"
	"fmt"
	"slices"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// failures collects the scopes that could not be asked, by the reason, so that a
// missing permission is told once and not for each of a hundred projects.
type failures struct {
	count   int
	reasons []string
	scopes  map[string][]delegate.Scope
}

func (f *failures) add(scope delegate.Scope, err error) {
	if err == nil {
		return
	}
	f.count++
	reason := reason(err)
	if f.scopes == nil {
		f.scopes = map[string][]delegate.Scope{}
	}
	if !slices.Contains(f.reasons, reason) {
		f.reasons = append(f.reasons, reason)
	}
	f.scopes[reason] = append(f.scopes[reason], scope)
}

// reason is an error without what tells one request from another, so that the
// same reason reads the same for each scope.
func reason(err error) string {
	var apiError *harness.APIError
	if errors.As(err, &apiError) && apiError.Error() == err.Error() {
		without := *apiError
		without.CorrelationID = ""
		return without.Error()
	}
	return err.Error()
}

// words says what could not be seen, one text per reason.
func (f *failures) words(what string) []string {
	var texts []string
	for _, reason := range f.reasons {
		texts = append(texts, fmt.Sprintf("%s %s: %s", what, some(f.scopes[reason]), reason))
	}
	return texts
}

// some names a few scopes, and how many others there are.
func some(scopes []delegate.Scope) string {
	text := scopes[0].Short()
	switch others := len(scopes) - 1; others {
	case 0:
	case 1:
		text += " and " + scopes[1].Short()
	default:
		text += fmt.Sprintf(" and %d other scopes", others)
	}
	return text
}
