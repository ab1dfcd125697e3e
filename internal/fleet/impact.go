package fleet

import (
	"context"
	"errors"
	"slices"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// Effect is what a change of overrides does to one member.
type Effect struct {
	delegate.Effect

	Member Member
}

// Impact is what a change of overrides does to the delegates at its scope and
// below, and in words what could not be seen of that.
type Impact struct {
	Effects []Effect
	Unseen  []string
}

// ReadImpact tells what a change of overrides would do to the delegates that are
// there. It asks for the delegates once, and for the overrides of each scope that
// has some: its cost grows with the number of scopes. It fails where there is no
// list of delegates or no latest version to be had.
func ReadImpact(ctx context.Context, client *harness.Client, change delegate.Change) (Impact, error) {
	fleet, err := Read(ctx, client, Query{Scope: common(change.Scopes()), Below: true})
	if err != nil {
		return Impact{}, err
	}
	return impact(ctx, client, change, fleet, nil)
}

// Budget bounds what the impacts of many changes cost together, as those of a
// plan: one list of all delegates of the account, and the overrides of no more
// than a number of scopes. It is safe for concurrent use.
type Budget struct {
	scopes *allowance
}

// NewBudget makes a budget of scopes.
func NewBudget(scopes int) *Budget {
	return &Budget{scopes: &allowance{left: scopes}}
}

// ReadImpact is the function of that name within the budget. What would exceed it
// is among what could not be seen.
func (b *Budget) ReadImpact(ctx context.Context, client *harness.Client, change delegate.Change) (Impact, error) {
	at := common(change.Scopes())
	fleet, err := Read(ctx, client, Query{Scope: delegate.Scope{Account: at.Account}, Below: true})
	if forbidden(err) && at.Level() != delegate.LevelAccount {
		// Whoever may see only a part of the account is asked for that.
		if !b.scopes.take(at) {
			return Impact{Unseen: []string{"the delegates of " + at.Short() + ": " + errBudget.Error()}}, nil
		}
		fleet, err = Read(ctx, client, Query{Scope: at, Below: true})
	}
	if err != nil {
		return Impact{}, err
	}
	return impact(ctx, client, change, fleet, b.scopes)
}

func impact(ctx context.Context, client *harness.Client, change delegate.Change, fleet Fleet, limit *allowance) (Impact, error) {
	latest, err := client.LatestSupportedVersion(ctx, delegate.Scope{Account: common(change.Scopes()).Account})
	if err != nil {
		return Impact{}, err
	}
	fleet.Members = slices.DeleteFunc(fleet.Members, func(m Member) bool { return m.Placed && !change.Reaches(m.Scope) })
	overrides, known, unseen := overridesOf(ctx, client, chains(fleet.Scopes()), limit)
	result := Impact{Unseen: append(fleet.Unseen, unseen...)}
	var members []Member
	var delegates []delegate.Delegate
	for _, m := range fleet.Members {
		// Whatever is not known above a delegate may reach it.
		if m.Placed && !slices.ContainsFunc(m.Scope.Chain(), func(s delegate.Scope) bool { return !known[s] }) {
			members = append(members, m)
			delegates = append(delegates, m.Delegate())
		}
	}
	for i, effect := range delegate.Impact(delegates, overrides, change, delegate.PublishedImage(latest.Version), client.Now()) {
		result.Effects = append(result.Effects, Effect{effect, members[i]})
	}
	return result, nil
}

// overridesOf lists the overrides of the scopes, side by side, and tells for
// which scopes they are known.
func overridesOf(ctx context.Context, client *harness.Client, scopes []delegate.Scope, limit *allowance) ([]delegate.Override, map[delegate.Scope]bool, []string) {
	var all []delegate.Override
	var failed failures
	known := map[delegate.Scope]bool{}
	answers := eachScope(ctx, scopes, func(ctx context.Context, scope delegate.Scope) ([]delegate.Override, error) {
		if !limit.take(scope) {
			return nil, errBudget
		}
		return client.Overrides(ctx, scope)
	})
	for _, answer := range answers {
		failed.add(answer.scope, answer.err)
		known[answer.scope] = answer.err == nil
		all = append(all, answer.value...)
	}
	return all, known, failed.words("the overrides of")
}

// common is the nearest scope that holds all the scopes given, of which there is
// at least one.
func common(scopes []delegate.Scope) delegate.Scope {
	for _, candidate := range scopes[0].Chain() {
		if !slices.ContainsFunc(scopes, func(s delegate.Scope) bool { return !slices.Contains(s.Chain(), candidate) }) {
			return candidate
		}
	}
	return delegate.Scope{Account: scopes[0].Account}
}

// chains lists the scopes and all above them, each once, from the account down.
func chains(scopes []delegate.Scope) []delegate.Scope {
	var all []delegate.Scope
	seen := map[delegate.Scope]bool{}
	for _, scope := range scopes {
		for _, s := range scope.Chain() {
			if !seen[s] {
				seen[s] = true
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b delegate.Scope) int { return len(a.Chain()) - len(b.Chain()) })
	return all
}

func forbidden(err error) bool {
	var apiError *harness.APIError
	return errors.As(err, &apiError) && apiError.Forbidden()
}
