package fleet

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// parallel bounds the requests that are under way at a time: enough to hide the
// distance to the Manager, and polite.
const parallel = 8

// Query is what a fleet is read for.
type Query struct {
	Scope delegate.Scope
	// Below takes in the organizations and projects at the scope.
	Below bool
	// Details asks for what only the Manager's other list tells, in one more
	// request for each scope that has delegates.
	Details bool
	// VersionStatus restricts the fleet by the Manager's own judgement; with Below
	// that takes one more request for each scope that has delegates.
	VersionStatus string
}

// Member is one delegate of a fleet.
type Member struct {
	harness.ListedDelegate

	// Scope is where it lives; only the account of it is certain where the
	// delegate isn't placed.
	Scope delegate.Scope
	// Placed tells whether the scope is known. The Manager tells names, which
	// can't be turned into identifiers without the right to see the scopes.
	Placed bool
	// Group is what the Manager's other list tells; nil where it wasn't asked for
	// or told nothing.
	Group *harness.Group
}

// Delegate is the member as the rules of resolution take it.
func (m Member) Delegate() delegate.Delegate {
	return delegate.Delegate{Scope: m.Scope, Name: m.Name, Tags: m.Tags}
}

// Fleet is the delegates found, by scope and name, and in words what could not
// be seen of them.
type Fleet struct {
	Members []Member
	Unseen  []string
}

// Read reads a fleet. It fails only where no list of delegates can be had at
// all.
func Read(ctx context.Context, client *harness.Client, query Query) (Fleet, error) {
	fleet, err := members(ctx, client, query)
	if err != nil {
		return Fleet{}, err
	}
	if query.Below && query.VersionStatus != "" {
		fleet.keepStatus(ctx, client, query.VersionStatus)
	}
	if query.Details {
		fleet.addDetails(ctx, client)
	}
	slices.SortFunc(fleet.Members, func(a, b Member) int {
		return cmp.Or(
			cmp.Compare(a.Scope.Org, b.Scope.Org), cmp.Compare(a.Scope.Project, b.Scope.Project),
			cmp.Compare(a.OrgName, b.OrgName), cmp.Compare(a.ProjectName, b.ProjectName),
			cmp.Compare(a.Name, b.Name))
	})
	return fleet, nil
}

func members(ctx context.Context, client *harness.Client, query Query) (Fleet, error) {
	if query.Below && query.Scope.Level() != delegate.LevelProject {
		return below(ctx, client, query.Scope)
	}
	listed, err := client.Delegates(ctx, harness.DelegateQuery{Scope: query.Scope, VersionStatus: query.VersionStatus})
	return Fleet{Members: placed(listed, query.Scope)}, err
}

func placed(listed []harness.ListedDelegate, at delegate.Scope) []Member {
	members := make([]Member, len(listed))
	for i, d := range listed {
		members[i] = Member{ListedDelegate: d, Scope: at, Placed: true}
	}
	return members
}

// Scopes lists the scopes that have placed delegates, each once.
func (f *Fleet) Scopes() []delegate.Scope {
	var scopes []delegate.Scope
	seen := map[delegate.Scope]bool{}
	for _, m := range f.Members {
		if m.Placed && !seen[m.Scope] {
			seen[m.Scope] = true
			scopes = append(scopes, m.Scope)
		}
	}
	return scopes
}

// keepStatus drops the delegates that the Manager doesn't count under a version
// status. Its list of all scopes takes no filter, so that each is asked for.
func (f *Fleet) keepStatus(ctx context.Context, client *harness.Client, status string) {
	kept := map[delegate.Scope]map[string]bool{}
	answers := eachScope(ctx, f.Scopes(), func(ctx context.Context, scope delegate.Scope) ([]harness.ListedDelegate, error) {
		return client.Delegates(ctx, harness.DelegateQuery{Scope: scope, VersionStatus: status})
	})
	var failed failures
	for _, answer := range answers {
		failed.add(answer.scope, answer.err)
		kept[answer.scope] = map[string]bool{}
		for _, d := range answer.value {
			kept[answer.scope][d.Name] = true
		}
	}
	f.Members = slices.DeleteFunc(f.Members, func(m Member) bool { return !kept[m.Scope][m.Name] })
	f.Unseen = append(f.Unseen, failed.words("the version status of the delegates of")...)
}

// addDetails asks each scope's other list.
func (f *Fleet) addDetails(ctx context.Context, client *harness.Client) {
	known := map[delegate.Scope]map[string]*harness.Group{}
	var failed failures
	for _, answer := range eachScope(ctx, f.Scopes(), client.Groups) {
		failed.add(answer.scope, answer.err)
		known[answer.scope] = map[string]*harness.Group{}
		for i, g := range answer.value {
			known[answer.scope][g.Name] = &answer.value[i]
		}
	}
	for i, m := range f.Members {
		if m.Placed {
			f.Members[i].Group = known[m.Scope][m.Name]
		}
	}
	f.Unseen = append(f.Unseen, failed.words("the identifiers, and when upgraders last asked, of the delegates of")...)
}

// answer is what one scope's request brought.
type answer[T any] struct {
	scope delegate.Scope
	value T
	err   error
}

// eachScope asks about scopes side by side and returns the answers in the order
// of the scopes.
func eachScope[T any](ctx context.Context, scopes []delegate.Scope, ask func(context.Context, delegate.Scope) (T, error)) []answer[T] {
	answers := make([]answer[T], len(scopes))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, scope := range scopes {
		group.Go(func() error {
			value, err := ask(ctx, scope)
			answers[i] = answer[T]{scope, value, err}
			return nil // one scope's failure doesn't end the others
		})
	}
	_ = group.Wait()
	return answers
}
