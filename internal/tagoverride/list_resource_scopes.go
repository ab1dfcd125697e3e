package tagoverride

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/apidiag"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// readAhead is how many scopes are read at a time: enough to hide the distance
// to the Manager, and polite. So many more than needed may be read where the
// limit is reached.
const readAhead = 8

// held is what one scope holds, or why that could not be read.
type held struct {
	scope     delegate.Scope
	overrides []delegate.Override
	err       error
}

// inScopes reads scopes side by side, and yields them in their order as soon as
// they are read.
func inScopes(ctx context.Context, client *harness.Client, scopes []delegate.Scope) iter.Seq[held] {
	return func(yield func(held) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var coming []chan held
		for i := range scopes {
			for len(coming) < min(i+readAhead, len(scopes)) {
				scope, ready := scopes[len(coming)], make(chan held, 1)
				coming = append(coming, ready)
				go func() {
					overrides, err := client.Overrides(ctx, scope)
					ready <- held{scope, overrides, err}
				}()
			}
			if !yield(<-coming[i]) {
				return
			}
		}
	}
}

// childScopes lists the organizations and projects below a scope, each
// organization before its projects. What could not be listed is an error, beside
// the scopes that could.
func childScopes(ctx context.Context, client *harness.Client, scope delegate.Scope) ([]delegate.Scope, diag.Diagnostics) {
	var below []delegate.Scope
	var diags diag.Diagnostics
	if scope.Level() == delegate.LevelProject {
		return nil, nil
	}
	if scope.Level() == delegate.LevelAccount {
		organizations, err := client.Organizations(ctx, scope.Account)
		if err != nil {
			diags.Append(unlisted("organizations", scope, err)...)
		}
		for _, o := range organizations {
			below = append(below, delegate.Scope{Account: scope.Account, Org: o.Identifier})
		}
	}
	projects, err := client.Projects(ctx, scope.Account, scope.Org)
	if err != nil {
		diags.Append(unlisted("projects", scope, err)...)
	}
	for _, p := range projects {
		below = append(below, delegate.Scope{Account: scope.Account, Org: p.Org, Project: p.Identifier})
	}
	slices.SortFunc(below, func(a, b delegate.Scope) int {
		return cmp.Or(cmp.Compare(a.Org, b.Org), cmp.Compare(a.Project, b.Project))
	})
	return below, diags
}

// unlisted tells that the scopes below one can't be known.
func unlisted(what string, scope delegate.Scope, err error) diag.Diagnostics {
	diags := apidiag.Errors(unableToList, scope, err)
	diags.AddAttributeError(path.Root(attrIncludeChildScopes), unableToList, fmt.Sprintf(
		"The %s of %s can't be listed, so what is set in them can't be found. "+
			"Grant the API key's principal the permissions to view organizations and projects (core_organization_view, core_project_view), "+
			"or leave %s out and list one scope at a time.", what, scope, attrIncludeChildScopes))
	return diags
}

// unreadable tells that a scope's overrides can't be listed. For a scope below
// the one that was named, a refusal is a warning: Terraform shows nothing at all
// where there is an error, and many a key may not look into every project. Any
// other failure may pass, and an answer that lacks a scope for it would be wrong.
func unreadable(scope delegate.Scope, err error, named bool) diag.Diagnostics {
	diags := apidiag.Errors(unableToList, scope, err)
	if named {
		return diags
	}
	if scopeGone(err) { // since it was listed
		return nil
	}
	var apiError *harness.APIError
	refused := errors.As(err, &apiError) && apiError.Forbidden()
	var below diag.Diagnostics
	for _, d := range diags {
		detail := fmt.Sprintf("What %s holds is not among the results. %s", scope, d.Detail())
		if refused {
			below.AddWarning("Scope Left Out", detail)
		} else {
			below.AddError(unableToList, detail)
		}
	}
	return below
}
