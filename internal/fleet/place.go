package fleet

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// place is how the Manager's list tells where a delegate lives: by names, which
// needn't be unique, and empty for what lies above.
type place struct{ org, project string }

func (p place) String() string {
	switch {
	case p.project != "" && p.org != "":
		return fmt.Sprintf("the project named %q in the organization named %q", p.project, p.org)
	case p.project != "":
		return fmt.Sprintf("the project named %q", p.project)
	default:
		return fmt.Sprintf("the organization named %q", p.org)
	}
}

// below lists the delegates at a scope and below it, and finds the identifiers
// of the scopes, of which the Manager tells the names alone.
func below(ctx context.Context, client *harness.Client, at delegate.Scope, limit *allowance) (Fleet, error) {
	listed, err := client.Delegates(ctx, harness.DelegateQuery{Scope: at, Below: true})
	if err != nil {
		return Fleet{}, err
	}
	living := map[place][]harness.ListedDelegate{}
	var places []place
	for _, d := range listed {
		p := place{d.OrgName, d.ProjectName}
		if _, known := living[p]; !known {
			places = append(places, p)
		}
		living[p] = append(living[p], d)
	}
	if len(places) == 1 && places[0] == (place{}) {
		return nameless(ctx, client, at, listed, limit)
	}
	var fleet Fleet
	var shared []delegate.Scope
	var unknown []place
	left := 0
	tree := readTree(ctx, client, at, places)
	for _, p := range places {
		switch scopes := tree.find(p); len(scopes) {
		case 0:
			fleet.leave(living[p], at)
			unknown = append(unknown, p)
			left += len(living[p])
		case 1:
			fleet.Members = append(fleet.Members, placed(living[p], scopes[0])...)
		default:
			// Several scopes have the name: each is asked for its own delegates.
			shared = append(shared, scopes...)
		}
	}
	if len(unknown) > 0 {
		fleet.Unseen = append(fleet.Unseen, unidentified(unknown, left, tree.problem()))
	}
	fleet.listEach(ctx, client, shared, limit)
	return fleet, nil
}

// unidentified says in one text which places could not be found, however many:
// the reason is the same for all.
func unidentified(places []place, delegates int, why string) string {
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.org, b.org), cmp.Compare(a.project, b.project)) })
	if len(places) == 1 {
		return fmt.Sprintf("the identifier of %s, where %s: %s", places[0], live(delegates), why)
	}
	return fmt.Sprintf("the identifiers of %s and %d more organizations or projects, where %s: %s", places[0], len(places)-1, live(delegates), why)
}

func live(delegates int) string {
	if delegates == 1 {
		return "1 delegate lives"
	}
	return fmt.Sprintf("%d delegates live", delegates)
}

// nameless places delegates of which none has a name of a scope: either all live
// at the scope that was asked for, or the Manager is too old to tell.
func nameless(ctx context.Context, client *harness.Client, at delegate.Scope, listed []harness.ListedDelegate, limit *allowance) (Fleet, error) {
	own, err := client.Delegates(ctx, harness.DelegateQuery{Scope: at})
	if err != nil {
		return Fleet{}, err
	}
	fleet := Fleet{Members: placed(own, at)}
	if len(own) >= len(listed) {
		return fleet, nil
	}
	tree := readTree(ctx, client, at, []place{{"any", "any"}})
	if len(tree.problems) > 0 {
		fleet.Unseen = append(fleet.Unseen, "the organizations and projects, which this Manager doesn't name in its list of delegates: "+tree.problem())
	}
	fleet.listEach(ctx, client, tree.below, limit)
	if missing := len(listed) - len(fleet.Members); missing > 0 {
		fleet.Unseen = append(fleet.Unseen, fmt.Sprintf("more delegates (%d), of which this Manager doesn't tell where they live: "+
			"in organizations and projects that gave no list, or that the API key may not see (core_organization_view, core_project_view, core_delegate_view)", missing))
	}
	return fleet, nil
}

// leave keeps delegates whose scope isn't known.
func (f *Fleet) leave(listed []harness.ListedDelegate, at delegate.Scope) {
	for _, d := range listed {
		f.Members = append(f.Members, Member{ListedDelegate: d, Scope: delegate.Scope{Account: at.Account}})
	}
}

// listEach adds the delegates that live at exactly the scopes.
func (f *Fleet) listEach(ctx context.Context, client *harness.Client, scopes []delegate.Scope, limit *allowance) {
	var failed failures
	for _, answer := range eachScope(ctx, scopes, func(ctx context.Context, scope delegate.Scope) ([]harness.ListedDelegate, error) {
		if err := limit.take(scope); err != nil {
			return nil, err
		}
		return client.Delegates(ctx, harness.DelegateQuery{Scope: scope})
	}) {
		failed.add(answer.scope, answer.err)
		f.Members = append(f.Members, placed(answer.value, answer.scope)...)
	}
	f.Unseen = append(f.Unseen, failed.words("the delegates of")...)
}
