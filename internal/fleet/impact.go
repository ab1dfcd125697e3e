package fleet

import (
	"context"
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
	at := common(change.Scopes())
	fleet, err := Read(ctx, client, Query{Scope: at, Below: true})
	if err != nil {
		return Impact{}, err
	}
	latest, err := client.LatestSupportedVersion(ctx, delegate.Scope{Account: at.Account})
	if err != nil {
		return Impact{}, err
	}
	return impact(ctx, client, change, fleet, latest.Version, nil), nil
}

// impact compares before and after for the members that the change may concern.
func impact(ctx context.Context, client *harness.Client, change delegate.Change, fleet Fleet, latest string, limit *allowance) Impact {
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
	for i, effect := range delegate.Impact(delegates, overrides, change, delegate.PublishedImage(latest), client.Now()) {
		result.Effects = append(result.Effects, Effect{effect, members[i]})
	}
	return result
}

// overridesOf lists the overrides of the scopes, side by side, and tells for
// which scopes they are known.
func overridesOf(ctx context.Context, client *harness.Client, scopes []delegate.Scope, limit *allowance) ([]delegate.Override, map[delegate.Scope]bool, []string) {
	var all []delegate.Override
	var failed failures
	known := map[delegate.Scope]bool{}
	answers := eachScope(ctx, scopes, func(ctx context.Context, scope delegate.Scope) ([]delegate.Override, error) {
		if err := limit.take(scope); err != nil {
			return nil, err
		}
		overrides, err := client.Overrides(ctx, scope)
		limit.failed(scope, err)
		return overrides, err
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
