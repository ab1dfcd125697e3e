package fleet

import (
	"cmp"
	"context"
	"fmt"
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
	// Keep restricts the fleet; nil keeps all. It goes first, so that the requests
	// for each scope are made only for those that have delegates left.
	Keep func(harness.ListedDelegate) bool
	// VersionStatus restricts the fleet by the Manager's own judgement, which takes
	// one more request for each scope that has delegates.
	VersionStatus string
	// Details asks for what only the Manager's other list tells, in one more
	// request for each scope that has delegates.
	Details bool

	// limit bounds how many scopes are asked for their own delegates, where one list
	// doesn't tell where all of them live.
	limit *allowance
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

// Versions lists the versions that the replicas run, each once.
func (m Member) Versions() []string {
	var versions []string
	for _, r := range m.Replicas {
		if r.Version != "" {
			versions = append(versions, r.Version)
		}
	}
	slices.Sort(versions)
	return slices.Compact(versions)
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
	if query.Keep != nil {
		fleet.Members = slices.DeleteFunc(fleet.Members, func(m Member) bool { return !query.Keep(m.ListedDelegate) })
	}
	if query.VersionStatus != "" {
		if err := fleet.keepStatus(ctx, client, query.VersionStatus); err != nil {
			return Fleet{}, err
		}
	}
	if query.Details {
		fleet.AddDetails(ctx, client)
	}
	if ctx.Err() != nil {
		return Fleet{}, ctx.Err() // not a fleet of which something could not be seen
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
		return below(ctx, client, query.Scope, query.limit)
	}
	listed, err := client.Delegates(ctx, harness.DelegateQuery{Scope: query.Scope})
	return Fleet{Members: placed(listed, query.Scope)}, err
}

func placed(listed []harness.ListedDelegate, at delegate.Scope) []Member {
	members := make([]Member, len(listed))
	for i, d := range listed {
		members[i] = Member{ListedDelegate: d, Scope: at, Placed: true}
	}
	return members
}

// clone is a fleet of which members can be left out without a change of this one.
func (f *Fleet) clone() Fleet {
	return Fleet{Members: slices.Clone(f.Members), Unseen: slices.Clone(f.Unseen)}
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
// status. Its list of all scopes takes no filter, so that each is asked for; and
// what a filtered list shows of a delegate leaves out replicas, so that only the
// names are taken from it.
func (f *Fleet) keepStatus(ctx context.Context, client *harness.Client, status string) error {
	kept := map[delegate.Scope]map[string]bool{}
	answers := eachScope(ctx, f.Scopes(), func(ctx context.Context, scope delegate.Scope) ([]harness.ListedDelegate, error) {
		return client.Delegates(ctx, harness.DelegateQuery{Scope: scope, VersionStatus: status})
	})
	var failed failures
	var err error
	for _, answer := range answers {
		failed.add(answer.scope, answer.err)
		err = answer.err
		kept[answer.scope] = map[string]bool{}
		for _, d := range answer.value {
			kept[answer.scope][d.Name] = true
		}
	}
	if len(answers) > 0 && failed.count == len(answers) {
		return err // none is not the answer to a question that nobody answered
	}
	unplaced := 0
	f.Members = slices.DeleteFunc(f.Members, func(m Member) bool {
		if !m.Placed {
			unplaced++
		}
		return !m.Placed || !kept[m.Scope][m.Name]
	})
	f.Unseen = append(f.Unseen, failed.words("the version status of the delegates of")...)
	if unplaced > 0 {
		f.Unseen = append(f.Unseen, fmt.Sprintf("the version status of %d delegates whose organization or project could not be identified", unplaced))
	}
	return nil
}

// AddDetails asks each scope's other list what only that tells of the members.
func (f *Fleet) AddDetails(ctx context.Context, client *harness.Client) {
	known := map[delegate.Scope]map[string]*harness.Group{}
	var failed failures
	for _, answer := range eachScope(ctx, f.Scopes(), client.Groups) {
		failed.add(answer.scope, answer.err)
		known[answer.scope] = map[string]*harness.Group{}
		for i, g := range answer.value {
			if _, twice := known[answer.scope][g.Name]; twice {
				known[answer.scope][g.Name] = nil // nothing tells which delegate of the name is meant
				continue
			}
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
