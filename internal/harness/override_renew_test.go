package harness_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// Renewing writes what is there at that moment, and nothing else moves but the
// end.
func TestRenewOverride(t *testing.T) {
	m := newManager(t)
	end := start.Add(5 * 24 * time.Hour)
	put(t, m.Simulator, simulator.Override{
		OrgID: wanted.Scope.Org, ProjectID: wanted.Scope.Project, Tags: wanted.Tags, Version: wanted.Image, ValidUntil: &end,
	})
	put(t, m.Simulator, simulator.Override{OrgID: wanted.Scope.Org, ProjectID: wanted.Scope.Project, Version: "acme/delegate:other"})
	client := m.client(t)
	var seen *delegate.Override
	before, after, err := client.RenewOverride(t.Context(), wanted.Slot(), term, func(current *delegate.Override) error {
		seen = current
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, *seen); diff != "" || !before.ValidUntil.Equal(end) {
		t.Errorf("before it was %s; the guard saw (-before +guard):\n%s", before, diff)
	}
	if late := after.ValidUntil.Sub(start.AddDate(0, 0, term)); !after.SameTarget(wanted) || late < 0 || late > time.Hour {
		t.Errorf("afterwards it is %s, want %s for %d days", after, wanted, term)
	}
	if got := held(m.Simulator); len(got) != 2 {
		t.Errorf("the Manager holds %v", got)
	}
	if client.Wrote(wanted.Slot()) {
		t.Error("renewing has taken the slot")
	}
	wantCalls(t, m.Simulator, putCall, 1)
}

// The guard's veto, a refusal and an unknown scope leave everything as it was.
func TestRenewOverrideThatFails(t *testing.T) {
	veto := errors.New("veto")
	for name, tc := range map[string]struct {
		fault simulator.Fault
		guard error
		slot  delegate.Slot
	}{
		"vetoed":           {guard: veto, slot: wanted.Slot()},
		"refused":          {fault: simulator.Fault{Method: "PUT", Status: 403}, slot: wanted.Slot()},
		"an unknown scope": {slot: delegate.Slot{Scope: delegate.Scope{Account: account, Org: "nope"}}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			put(t, m.Simulator, simulator.Override{OrgID: wanted.Scope.Org, ProjectID: wanted.Scope.Project, Tags: wanted.Tags, Version: wanted.Image})
			if tc.fault.Status > 0 {
				m.Inject(tc.fault)
			}
			before := held(m.Simulator)
			_, _, err := m.client(t).RenewOverride(t.Context(), tc.slot, term, func(*delegate.Override) error { return tc.guard })
			if err == nil || tc.guard != nil && !errors.Is(err, tc.guard) {
				t.Errorf("got %v, want an error", err)
			}
			if diff := cmp.Diff(before, held(m.Simulator)); diff != "" {
				t.Errorf("the Manager holds something else (-before +after):\n%s", diff)
			}
		})
	}
}

// A renewal whose answer is lost is made sure of, and repeated only if it had no
// effect.
func TestRenewOverrideWhoseAnswerIsLost(t *testing.T) {
	for name, tc := range map[string]struct {
		fault  simulator.FaultKind
		writes int
	}{
		"after it took effect": {simulator.FaultResetAfter, 1},
		"before it did":        {simulator.FaultResetBefore, 2},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			end := start.Add(24 * time.Hour)
			put(t, m.Simulator, simulator.Override{OrgID: wanted.Scope.Org, ProjectID: wanted.Scope.Project, Tags: wanted.Tags, Version: wanted.Image, ValidUntil: &end})
			m.Inject(simulator.Fault{Method: "PUT", Kind: tc.fault, Count: 1})
			_, after, err := m.client(t).RenewOverride(t.Context(), wanted.Slot(), term, agree)
			if err != nil || after.ValidUntil.Before(start.AddDate(0, 0, term)) {
				t.Errorf("it ends at %s, and the error is %v", after.ValidUntil, err)
			}
			wantCalls(t, m.Simulator, putCall, tc.writes)
		})
	}
}
