package harness_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// wanted is what most of these tests set.
var wanted = delegate.Override{Scope: atProject, Image: image, Tags: delegate.NewTags("linux", "prod")}

const term = 30

// held is what the simulated Manager really holds, in the client's terms.
func held(sim *simulator.Simulator) []delegate.Override {
	var overrides []delegate.Override
	for _, o := range sim.Overrides(account) {
		override := delegate.Override{
			Scope:                delegate.Scope{Account: o.AccountID, Org: o.OrgID, Project: o.ProjectID},
			Tags:                 delegate.NewTags(o.Tags...),
			Image:                o.Version,
			ValidTillNextRelease: o.ValidTillNextRelease,
		}
		if o.ValidUntil != nil {
			override.ValidUntil = *o.ValidUntil
		}
		overrides = append(overrides, override)
	}
	return overrides
}

// wantInPlace checks that the Manager holds the override wanted and nothing
// else, with the term that was asked for, and that the client knows it.
func wantInPlace(tb testing.TB, sim *simulator.Simulator, found delegate.Override) {
	tb.Helper()
	if diff := cmp.Diff([]delegate.Override{found}, held(sim)); diff != "" {
		tb.Errorf("the Manager holds something else than the client says (-client +manager):\n%s", diff)
	}
	if !found.SameTarget(wanted) || found.ValidTillNextRelease {
		tb.Errorf("in place is %s, want %s", found, wanted)
	}
	if late := found.ValidUntil.Sub(start.AddDate(0, 0, term)); late < 0 || late > time.Hour {
		tb.Errorf("it ends at %s, want %d days from %s", found.ValidUntil, term, start)
	}
}

// Whatever happens once to the write, the override ends up in place, and it is
// sent again only if it had no effect.
func TestSetOverrideSurvivesFaultsThatPass(t *testing.T) {
	for name, tc := range map[string]struct {
		fault simulator.Fault
		puts  int
	}{
		"none":                            {simulator.Fault{Method: "POST", Count: 1, Status: 500}, 1},
		"reset before the effect":         {simulator.Fault{Kind: simulator.FaultResetBefore}, 2},
		"reset after the effect":          {simulator.Fault{Kind: simulator.FaultResetAfter}, 1},
		"answer truncated":                {simulator.Fault{Kind: simulator.FaultTruncated}, 1},
		"answer truncated, in chunks":     {simulator.Fault{Kind: simulator.FaultTruncatedChunked}, 1},
		"answer empty":                    {simulator.Fault{Kind: simulator.FaultEmptyBody}, 1},
		"answer in pieces":                {simulator.Fault{Kind: simulator.FaultSlowBody, Delay: time.Microsecond}, 1},
		"page after the effect":           {simulator.Fault{Kind: simulator.FaultHTML, AfterEffect: true}, 1},
		"maintenance before the effect":   {simulator.Fault{Kind: simulator.FaultHTML, Status: 503}, 2},
		"maintenance after the effect":    {simulator.Fault{Kind: simulator.FaultHTML, Status: 503, AfterEffect: true}, 1},
		"408 before the effect":           {simulator.Fault{Status: 408}, 2},
		"408 after the effect":            {simulator.Fault{Status: 408, AfterEffect: true}, 1},
		"429, which is before any effect": {simulator.Fault{Status: 429, Form: simulator.BodyFormText}, 2},
		"500 before the effect":           {simulator.Fault{Status: 500}, 2},
		"500 after the effect":            {simulator.Fault{Status: 500, AfterEffect: true}, 1},
		"502 before the effect":           {simulator.Fault{Status: 502, Form: simulator.BodyFormHTML}, 2},
		"502 after the effect":            {simulator.Fault{Status: 502, Form: simulator.BodyFormHTML, AfterEffect: true}, 1},
		"504 before the effect":           {simulator.Fault{Status: 504}, 2},
		"504 after the effect":            {simulator.Fault{Status: 504, AfterEffect: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			if tc.fault.Method == "" {
				tc.fault.Method, tc.fault.Count = "PUT", 1
			}
			m.Inject(tc.fault)
			client := m.client(t)
			found, err := client.SetOverride(t.Context(), wanted, term, agree)
			if err != nil {
				t.Fatal(err)
			}
			wantInPlace(t, m.Simulator, found)
			wantCalls(t, m.Simulator, putCall, tc.puts)
			wantCalls(t, m.Simulator, deleteCall, 0)
			if !client.Wrote(wanted.Slot()) {
				t.Error("the client doesn't know that it wrote the slot")
			}
		})
	}
}

// The same when an override of before takes the slot: its end tells whether
// the write came through.
func TestSetOverrideRenewsInSpiteOfFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		fault simulator.Fault
		puts  int
	}{
		"reset before the effect": {simulator.Fault{Kind: simulator.FaultResetBefore}, 2},
		"reset after the effect":  {simulator.Fault{Kind: simulator.FaultResetAfter}, 1},
		"502 before the effect":   {simulator.Fault{Status: 502}, 2},
		"502 after the effect":    {simulator.Fault{Status: 502, AfterEffect: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			soon := start.AddDate(0, 0, 3)
			put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: image, Tags: wanted.Tags, ValidUntil: &soon})
			tc.fault.Method, tc.fault.Count = "PUT", 1
			m.Inject(tc.fault)
			found, err := m.client(t).SetOverride(t.Context(), wanted, term, agree)
			if err != nil {
				t.Fatal(err)
			}
			wantInPlace(t, m.Simulator, found)
			wantCalls(t, m.Simulator, putCall, tc.puts)
		})
	}
}

func TestSetOverrideTellsRefusals(t *testing.T) {
	for name, tc := range map[string]struct {
		fault simulator.Fault
		puts  int
	}{
		"an invalid request":   {simulator.Fault{Status: 400}, 1},
		"a key that expired":   {simulator.Fault{Kind: simulator.FaultExpiredKey}, 1},
		"a missing permission": {simulator.Fault{Status: 403}, 1},
		"a rate limit":         {simulator.Fault{Status: 429, Form: simulator.BodyFormText}, 5},
		"a login page":         {simulator.Fault{Kind: simulator.FaultRedirect}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			tc.fault.Method = "PUT"
			m.Inject(tc.fault)
			client := m.client(t)
			_, err := client.SetOverride(t.Context(), wanted, term, agree)
			wantError[*harness.RejectedError](t, err)
			if len(held(m.Simulator)) != 0 || client.Wrote(wanted.Slot()) {
				t.Errorf("nothing may have been written, but there is %v", held(m.Simulator))
			}
			wantCalls(t, m.Simulator, putCall, tc.puts)
		})
	}
}

func TestSetOverrideTellsWhatItDoesNotKnow(t *testing.T) {
	foreign := simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:foreign", Tags: []string{"arm"}}
	for name, tc := range map[string]struct {
		before []simulator.Override
		faults []simulator.Fault
		puts   int
		found  string
		// inPlace tells that the write had its effect nevertheless.
		inPlace bool
		text    string
	}{
		"500 for good":    {faults: []simulator.Fault{{Method: "PUT", Status: 500}}, puts: 5, text: "500 Internal Server Error"},
		"503 for good":    {faults: []simulator.Fault{{Method: "PUT", Status: 503}}, puts: 5, text: "503 Service Unavailable"},
		"resets for good": {faults: []simulator.Fault{{Method: "PUT", Kind: simulator.FaultResetBefore}}, puts: 5, text: "PUT request to "},
		"503 for good, somebody else's there": {
			before: []simulator.Override{foreign}, faults: []simulator.Fault{{Method: "PUT", Status: 503}}, puts: 5, found: foreign.Version, text: "503 Service Unavailable",
		},
		"answer lost, list refused": {
			faults: []simulator.Fault{{Method: "PUT", Kind: simulator.FaultResetAfter}, {Method: "GET", Status: 403, Skip: 1}},
			puts:   1, inPlace: true, text: "403 Forbidden",
		},
		"answer lost, list away": {
			faults: []simulator.Fault{{Method: "PUT", Status: 504, AfterEffect: true}, {Method: "GET", Status: 503, Skip: 1}},
			puts:   1, inPlace: true, text: "504 Gateway Timeout",
		},
		"acknowledged, list away": {faults: []simulator.Fault{{Method: "GET", Status: 503, Skip: 1}}, puts: 1, inPlace: true, text: "503 Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			for _, o := range tc.before {
				put(t, m.Simulator, o)
			}
			for _, fault := range tc.faults {
				m.Inject(fault)
			}
			client := m.client(t)
			_, err := client.SetOverride(t.Context(), wanted, term, agree)
			unverified := asError[*harness.UnverifiedError](t, err)
			if diff := cmp.Diff(wanted, unverified.Want); diff != "" {
				t.Errorf("wanted (-want +got):\n%s", diff)
			}
			switch {
			case tc.found == "" && unverified.Found != nil, tc.found != "" && (unverified.Found == nil || unverified.Found.Image != tc.found):
				t.Errorf("found is %v, want %q", unverified.Found, tc.found)
			case unverified.Elsewhere != nil:
				t.Errorf("elsewhere is %v", unverified.Elsewhere)
			}
			wantTexts(t, err, tc.text)
			wantCalls(t, m.Simulator, putCall, tc.puts)
			if inPlace := len(held(m.Simulator)) == 1 && held(m.Simulator)[0].SameTarget(wanted); inPlace != tc.inPlace {
				t.Errorf("in place: %t, want %t", inPlace, tc.inPlace)
			}
			if client.Wrote(wanted.Slot()) {
				t.Error("the client says that it wrote the slot, which it doesn't know")
			}
		})
	}
}

// A Manager that says yes and does nothing, or something else.
func TestSetOverrideDoesNotBelieveAnAcknowledgement(t *testing.T) {
	foreign := simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:foreign", Tags: []string{"arm"}}
	for name, tc := range map[string]struct {
		before []simulator.Override
		found  string
		text   string
	}{
		"nothing there": {nil, "", `the Manager acknowledged the write, but the tagged slot of project "payments" of organization "default" in account "` + account + `" holds nothing`},
		"somebody else's there": {
			[]simulator.Override{foreign},
			foreign.Version,
			`the Manager acknowledged the write, but the tagged slot of project "payments" of organization "default" in account "` + account +
				`" holds image "acme/delegate:foreign", tags {arm}, valid until `,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			for _, o := range tc.before {
				put(t, m.Simulator, o)
			}
			m.SetBehaviour(simulator.Behaviour{PutEffect: simulator.PutEffectIgnored})
			_, err := m.client(t).SetOverride(t.Context(), wanted, term, agree)
			unverified := asError[*harness.UnverifiedError](t, err)
			if unverified.Err != nil || (unverified.Found != nil) != (tc.found != "") || unverified.Found != nil && unverified.Found.Image != tc.found {
				t.Errorf("it tells %+v", unverified)
			}
			if !strings.HasPrefix(err.Error(), tc.text) {
				t.Errorf("it says %s\nwant    %s", err, tc.text)
			}
			wantCalls(t, m.Simulator, putCall, 1)
			// One look before, and the looks after it; then one into the account.
			wantCalls(t, m.Simulator, listCall, 1+harness.VerifyReads+1)
		})
	}
}

func TestSetOverrideTakesAnyAnswer(t *testing.T) {
	for _, form := range []simulator.PutReply{simulator.PutReplyTag, simulator.PutReplySentence, simulator.PutReplyString} {
		t.Run(string(form), func(t *testing.T) {
			m := newManager(t)
			m.SetBehaviour(simulator.Behaviour{PutReply: form})
			found, err := m.client(t).SetOverride(t.Context(), wanted, term, agree)
			if err != nil {
				t.Fatal(err)
			}
			wantInPlace(t, m.Simulator, found)
		})
	}
}

func TestSetOverrideAmongOtherScopes(t *testing.T) {
	for _, reach := range []simulator.GetReach{simulator.GetReachExact, simulator.GetReachParents, simulator.GetReachChildren} {
		for _, form := range []simulator.ValidUntilForm{simulator.ValidUntilMillis, simulator.ValidUntilMillisString, simulator.ValidUntilISO, simulator.ValidUntilISOOffset} {
			t.Run(string(reach)+" with "+string(form), func(t *testing.T) {
				m := newManager(t)
				m.SetBehaviour(simulator.Behaviour{GetReach: reach, ValidUntilForm: form, GetEnvelope: simulator.GetEnvelopeBare, TagOrder: simulator.TagOrderReversed})
				put(t, m.Simulator, simulator.Override{Version: "acme/delegate:account", Tags: []string{"arm"}})
				put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:project", Tags: []string{"arm"}})
				org := delegate.Override{Scope: atOrg, Image: image, Tags: wanted.Tags}
				var current *delegate.Override
				found, err := m.client(t).SetOverride(t.Context(), org, term, func(o *delegate.Override) error {
					current = o
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if current != nil {
					t.Errorf("the guard was shown another scope's: %s", current)
				}
				if !found.SameTarget(org) || len(held(m.Simulator)) != 3 {
					t.Errorf("found %s; the Manager holds %v", found, held(m.Simulator))
				}
				wantCalls(t, m.Simulator, putCall, 1)
			})
		}
	}
}

func TestSetOverrideSurvivesReadsThatLag(t *testing.T) {
	for name, tc := range map[string]struct {
		reads int
		ok    bool
	}{"by one look": {1, true}, "up to the last look": {harness.VerifyReads - 1, true}, "for longer": {100, false}} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:before", Tags: []string{"arm"}})
			m.SetBehaviour(simulator.Behaviour{ReadLagReads: tc.reads})
			found, err := m.client(t).SetOverride(t.Context(), wanted, term, agree)
			wantCalls(t, m.Simulator, putCall, 1)
			if tc.ok {
				if err != nil {
					t.Fatal(err)
				}
				wantInPlace(t, m.Simulator, found)
				return
			}
			if unverified := asError[*harness.UnverifiedError](t, err); unverified.Found == nil || unverified.Found.Image != "acme/delegate:before" {
				t.Errorf("it tells %+v", unverified)
			}
		})
	}
}

func TestSetOverrideRenewsAlthoughReadsLag(t *testing.T) {
	m := newManager(t)
	soon := start.AddDate(0, 0, 3)
	put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: image, Tags: wanted.Tags, ValidUntil: &soon})
	m.SetBehaviour(simulator.Behaviour{ReadLagReads: 1})
	found, err := m.client(t).SetOverride(t.Context(), wanted, term, agree)
	if err != nil {
		t.Fatal(err)
	}
	wantInPlace(t, m.Simulator, found)
	wantCalls(t, m.Simulator, putCall, 1)
}

func TestSetOverrideAsksTheGuardFirst(t *testing.T) {
	veto := errors.New("not yours")
	until := start.AddDate(0, 0, 9)
	for name, tc := range map[string]struct {
		before *simulator.Override
		lag    time.Duration
		want   *delegate.Override
	}{
		"an empty slot": {nil, 0, nil},
		"somebody else's": {
			&simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:foreign", Tags: []string{"arm"}, ValidUntil: &until}, 0,
			&delegate.Override{Scope: atProject, Image: "acme/delegate:foreign", Tags: delegate.NewTags("arm"), ValidUntil: until},
		},
		"the other slot's": {&simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:untagged"}, 0, nil},
		"one that expired and isn't swept yet": {
			&simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:expired", Tags: []string{"arm"}, ValidUntil: &start}, time.Hour, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.SetBehaviour(simulator.Behaviour{TTLLag: tc.lag})
			if tc.before != nil {
				put(t, m.Simulator, *tc.before)
			}
			asked := 0
			_, err := m.client(t).SetOverride(t.Context(), wanted, term, func(current *delegate.Override) error {
				asked++
				if diff := cmp.Diff(tc.want, current); diff != "" {
					t.Errorf("the guard was shown (-want +got):\n%s", diff)
				}
				return veto
			})
			if !errors.Is(err, veto) || asked != 1 {
				t.Errorf("the guard was asked %d times, and the error is: %v", asked, err)
			}
			wantCalls(t, m.Simulator, putCall, 0)
			wantCalls(t, m.Simulator, listCall, 1)
		})
	}
}

// What was read a moment ago, as Terraform's plan just before the write does,
// is not read again; what was read longer ago is.
func TestTheGuardSeesTheSlotAsItIsNow(t *testing.T) {
	for name, tc := range map[string]struct {
		age   time.Duration
		lists int
	}{
		"read a moment ago":  {time.Second - time.Millisecond, 2},
		"read a while ago":   {time.Second, 3},
		"read long before":   {time.Hour, 3},
		"read by nobody yet": {-1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer untilAllIsQuiet()
				sim := newSimulator()
				client := newBubbleClient(t, sim)
				if tc.age >= 0 {
					if _, err := client.Overrides(t.Context(), atProject); err != nil { // empty, and remembered
						t.Fatal(err)
					}
					time.Sleep(tc.age)
				}
				foreign := tc.lists == 3 // only then could it be seen
				if foreign {
					put(t, sim, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:foreign", Tags: []string{"arm"}})
				}
				_, err := client.SetOverride(t.Context(), wanted, term, func(current *delegate.Override) error {
					if (current != nil) != foreign {
						t.Errorf("the guard was shown %v", current)
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				wantCalls(t, sim, listCall, tc.lists)
			})
		})
	}
}

// A Manager that never clears the flag of an entry makes a new entry
// necessary.
func TestSetOverrideGetsRidOfAStickyFlag(t *testing.T) {
	for _, tc := range []struct {
		form          simulator.TillNextRelease
		puts, deletes int
	}{{simulator.TillNextReleaseClears, 1, 0}, {simulator.TillNextReleaseLegacy, 2, 1}} {
		t.Run(string(tc.form), func(t *testing.T) {
			m := newManager(t)
			m.SetBehaviour(simulator.Behaviour{TillNextRelease: tc.form})
			put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:before", Tags: []string{"arm"}, ValidTillNextRelease: true})
			found, err := m.client(t).SetOverride(t.Context(), wanted, term, agree)
			if err != nil {
				t.Fatal(err)
			}
			wantInPlace(t, m.Simulator, found)
			wantCalls(t, m.Simulator, putCall, tc.puts)
			wantCalls(t, m.Simulator, deleteCall, tc.deletes)
		})
	}
}

func TestSetOverrideSetsTheFlag(t *testing.T) {
	for _, form := range []simulator.TillNextRelease{simulator.TillNextReleaseClears, simulator.TillNextReleaseLegacy} {
		t.Run(string(form), func(t *testing.T) {
			m := newManager(t)
			m.SetBehaviour(simulator.Behaviour{TillNextRelease: form})
			put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:before", Tags: []string{"arm"}})
			flagged := wanted
			flagged.ValidTillNextRelease = true
			found, err := m.client(t).SetOverride(t.Context(), flagged, term, agree)
			if err != nil {
				t.Fatal(err)
			}
			if !found.SameTarget(wanted) || !found.ValidTillNextRelease || found.ValidUntil.IsZero() != (form == simulator.TillNextReleaseClears) {
				t.Errorf("found %s", found)
			}
			wantCalls(t, m.Simulator, putCall, 1)
			wantCalls(t, m.Simulator, deleteCall, 0)
		})
	}
}

func TestNothingIsWrittenToAManagerTooOld(t *testing.T) {
	for _, form := range []simulator.UnsupportedMethod{simulator.UnsupportedMethod500, simulator.UnsupportedMethod405, simulator.UnsupportedMethodNotFound} {
		t.Run(string(form), func(t *testing.T) {
			m := newManager(t)
			m.SetBehaviour(simulator.Behaviour{ServerAge: simulator.ServerAgeOld, UnsupportedMethod: form})
			client := m.client(t)
			_, setErr := client.SetOverride(t.Context(), wanted, term, agree)
			deleteErr := client.DeleteOverride(t.Context(), wanted.Slot(), agree)
			for _, err := range []error{setErr, deleteErr} {
				var unsupported *harness.UnsupportedError
				if errors.As(err, &unsupported) != (form != simulator.UnsupportedMethod500) {
					t.Errorf("got %T: %v", err, err)
				}
				wantError[*harness.APIError](t, err)
			}
			wantCalls(t, m.Simulator, putCall, 0)
			wantCalls(t, m.Simulator, deleteCall, 0)
		})
	}
}

func TestAWriteThatLandsInTheAccountIsTold(t *testing.T) {
	for name, want := range map[string]delegate.Override{
		"of a project":            wanted,
		"of an organization":      {Scope: atOrg, Image: image},
		"of the account's tags":   {Scope: atAccount, Image: image, Tags: delegate.NewTags("linux")},
		"till the next release":   {Scope: atOrg, Image: image, ValidTillNextRelease: true},
		"over what was set there": {Scope: delegate.Scope{Account: account, Org: "platform"}, Image: image},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			put(t, m.Simulator, simulator.Override{Version: "acme/delegate:account"})
			m.SetBehaviour(simulator.Behaviour{ServerAge: simulator.ServerAgeMiddle})
			_, err := m.client(t).SetOverride(t.Context(), want, term, agree)
			unverified := asError[*harness.UnverifiedError](t, err)
			if unverified.Elsewhere == nil || unverified.Found != nil || unverified.Err != nil {
				t.Fatalf("it tells %+v", unverified)
			}
			if diff := cmp.Diff(held(m.Simulator), []delegate.Override{*unverified.Elsewhere}); diff != "" {
				t.Errorf("elsewhere (-held +told):\n%s", diff)
			}
			wantTexts(t, err, "set it for the whole account", image)
			wantCalls(t, m.Simulator, putCall, 1)
		})
	}
	t.Run("but not of the account itself", func(t *testing.T) {
		m := newManager(t)
		m.SetBehaviour(simulator.Behaviour{ServerAge: simulator.ServerAgeMiddle})
		if _, err := m.client(t).SetOverride(t.Context(), delegate.Override{Scope: atAccount, Image: image}, term, agree); err != nil {
			t.Error(err)
		}
	})
}

func TestWritesToOneScopeTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		door := newGate(sim, isPut)
		client := newBubbleClient(t, door)
		var writers sync.WaitGroup
		var asked []*delegate.Override
		// Both slots of the scope: the list that a write relies on has both.
		for _, o := range []delegate.Override{{Scope: atProject, Image: image}, {Scope: atProject, Image: image, Tags: delegate.NewTags("linux")}} {
			writers.Go(func() {
				_, err := client.SetOverride(t.Context(), o, term, func(current *delegate.Override) error {
					asked = append(asked, current)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if door.arrived.Load() != 1 || len(asked) != 1 {
			t.Errorf("%d writes under way and %d guards asked, want the second to wait", door.arrived.Load(), len(asked))
		}
		close(door.open)
		writers.Wait()
		if len(held(sim)) != 2 {
			t.Errorf("the Manager holds %v", held(sim))
		}
	})
}

func TestWritesToOneSlotSeeEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		client := newBubbleClient(t, sim)
		var writers sync.WaitGroup
		occupied, empty := 0, 0
		for range 10 {
			writers.Go(func() {
				_, err := client.SetOverride(t.Context(), wanted, term, func(current *delegate.Override) error {
					if current == nil {
						empty++
					} else {
						occupied++
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		writers.Wait()
		if empty != 1 || occupied != 9 {
			t.Errorf("%d writers found the slot empty and %d occupied, want 1 and 9", empty, occupied)
		}
	})
}

func TestWritesToDifferentScopesRunSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		door := newGate(sim, isPut)
		client := newBubbleClient(t, door)
		var writers sync.WaitGroup
		for _, scope := range []delegate.Scope{atAccount, atOrg, atProject} {
			writers.Go(func() {
				if _, err := client.SetOverride(t.Context(), delegate.Override{Scope: scope, Image: image}, term, agree); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := door.arrived.Load(); n != 3 {
			t.Errorf("%d writes under way, want all 3", n)
		}
		close(door.open)
		writers.Wait()
	})
}

func TestAWriterWhoWaitsGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		door := newGate(sim, isPut)
		client := newBubbleClient(t, door)
		var writers sync.WaitGroup
		writers.Go(func() {
			if _, err := client.SetOverride(t.Context(), wanted, term, agree); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := client.SetOverride(ctx, wanted, term, agree); !errors.Is(err, context.Canceled) {
			t.Errorf("the writer who waited got: %v", err)
		}
		if err := client.DeleteOverride(ctx, wanted.Slot(), agree); !errors.Is(err, context.Canceled) {
			t.Errorf("the deleter who waited got: %v", err)
		}
		close(door.open)
		writers.Wait()
		wantCalls(t, sim, putCall, 1)
		wantCalls(t, sim, deleteCall, 0)
	})
}

// An interruption while the answer is awaited: it is still found out what
// became of the write.
func TestAnInterruptedWriteIsLookedAfter(t *testing.T) {
	for name, tc := range map[string]struct {
		fault simulator.Fault
		ok    bool
	}{
		"with effect":    {simulator.Fault{Method: "PUT", Kind: simulator.FaultLatency, Delay: time.Hour, AfterEffect: true}, true},
		"without effect": {simulator.Fault{Method: "PUT", Kind: simulator.FaultLatency, Delay: time.Hour}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer untilAllIsQuiet()
				sim := newSimulator()
				sim.Inject(tc.fault)
				client := newBubbleClient(t, sim, func(c *harness.Config) { c.RequestTimeout = 2 * time.Hour })
				ctx, cancel := context.WithCancel(t.Context())
				begin := time.Now()
				time.AfterFunc(time.Minute, cancel)
				found, err := client.SetOverride(ctx, wanted, term, agree)
				if waited := time.Since(begin); waited > time.Minute+harness.VerifyGrace {
					t.Errorf("it returned after %s", waited)
				}
				wantCalls(t, sim, putCall, 1)
				if tc.ok {
					if err != nil || !found.SameTarget(wanted) || !client.Wrote(wanted.Slot()) {
						t.Errorf("got %s, %v; want the override that came through", found, err)
					}
					return
				}
				unverified := asError[*harness.UnverifiedError](t, err)
				if !errors.Is(err, context.Canceled) || unverified.Found != nil {
					t.Errorf("it tells %+v", unverified)
				}
			})
		})
	}
}

func TestLookingAfterAnInterruptedWriteIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		sim.Inject(simulator.Fault{Method: "PUT", Kind: simulator.FaultLatency, Delay: time.Hour, AfterEffect: true})
		sim.Inject(simulator.Fault{Method: "GET", Kind: simulator.FaultLatency, Delay: time.Hour, Skip: 1})
		client := newBubbleClient(t, sim, func(c *harness.Config) { c.RequestTimeout = 2 * time.Hour })
		ctx, cancel := context.WithCancel(t.Context())
		begin := time.Now()
		time.AfterFunc(time.Minute, cancel)
		_, err := client.SetOverride(ctx, wanted, term, agree)
		wantError[*harness.UnverifiedError](t, err)
		if waited := time.Since(begin); waited != time.Minute+harness.VerifyGrace {
			t.Errorf("it returned after %s, want %s after the interruption", waited, harness.VerifyGrace)
		}
	})
}

// deletable is a Manager that holds the wanted override and its neighbours.
func deletable(tb testing.TB) manager {
	tb.Helper()
	m := newManager(tb)
	until := start.AddDate(0, 0, term)
	put(tb, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: image, Tags: wanted.Tags, ValidUntil: &until})
	put(tb, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:untagged"})
	put(tb, m.Simulator, simulator.Override{OrgID: "default", Version: "acme/delegate:org", Tags: wanted.Tags})
	return m
}

// wantRemains checks what a Manager of deletable holds: the neighbours always,
// the wanted override as said.
func wantRemains(tb testing.TB, sim *simulator.Simulator, stillThere bool) {
	tb.Helper()
	neighbours := 0
	found := false
	for _, o := range held(sim) {
		if o.SameTarget(wanted) {
			found = true
		} else {
			neighbours++
		}
	}
	if neighbours != 2 || found != stillThere {
		tb.Errorf("the override is still there: %t, want %t; its neighbours: %d, want 2", found, stillThere, neighbours)
	}
}

func TestDeleteOverrideSurvivesFaultsThatPass(t *testing.T) {
	for name, tc := range map[string]struct {
		fault   simulator.Fault
		deletes int
	}{
		"none":                            {simulator.Fault{Method: "POST", Status: 500}, 1},
		"reset before the effect":         {simulator.Fault{Kind: simulator.FaultResetBefore}, 2},
		"reset after the effect":          {simulator.Fault{Kind: simulator.FaultResetAfter}, 1},
		"answer truncated":                {simulator.Fault{Kind: simulator.FaultTruncated}, 1},
		"answer empty":                    {simulator.Fault{Kind: simulator.FaultEmptyBody}, 1},
		"page after the effect":           {simulator.Fault{Kind: simulator.FaultHTML, AfterEffect: true}, 1},
		"maintenance before the effect":   {simulator.Fault{Kind: simulator.FaultHTML, Status: 503}, 2},
		"408 before the effect":           {simulator.Fault{Status: 408}, 2},
		"429, which is before any effect": {simulator.Fault{Status: 429, Form: simulator.BodyFormText}, 2},
		"500 before the effect":           {simulator.Fault{Status: 500}, 2},
		"500 after the effect":            {simulator.Fault{Status: 500, AfterEffect: true}, 1},
		"502 after the effect":            {simulator.Fault{Status: 502, AfterEffect: true}, 1},
		"504 before the effect":           {simulator.Fault{Status: 504}, 2},
		"a refusal after the effect":      {simulator.Fault{Status: 400, AfterEffect: true}, 1},
	} {
		for _, noMatch := range []simulator.DeleteNoMatch{simulator.DeleteNoMatchOK, simulator.DeleteNoMatch400} {
			t.Run(name+", no match is "+string(noMatch), func(t *testing.T) {
				m := deletable(t)
				m.SetBehaviour(simulator.Behaviour{DeleteNoMatch: noMatch})
				fault := tc.fault
				fault.Count = 1
				if fault.Method == "" {
					fault.Method = "DELETE"
				}
				m.Inject(fault)
				if err := m.client(t).DeleteOverride(t.Context(), wanted.Slot(), agree); err != nil {
					t.Fatal(err)
				}
				wantRemains(t, m.Simulator, false)
				wantCalls(t, m.Simulator, deleteCall, tc.deletes)
				wantCalls(t, m.Simulator, putCall, 0)
			})
		}
	}
}

func TestDeleteOverrideTellsFaultsThatStay(t *testing.T) {
	for name, tc := range map[string]struct {
		fault    simulator.Fault
		rejected bool
		deletes  int
	}{
		"an invalid request":   {simulator.Fault{Status: 400}, true, 1},
		"a missing permission": {simulator.Fault{Status: 403}, true, 1},
		"a rate limit":         {simulator.Fault{Status: 429, Form: simulator.BodyFormText}, true, 5},
		"a login page":         {simulator.Fault{Kind: simulator.FaultRedirect}, true, 1},
		"500":                  {simulator.Fault{Status: 500}, false, 5},
		"503":                  {simulator.Fault{Status: 503}, false, 5},
		"resets":               {simulator.Fault{Kind: simulator.FaultResetBefore}, false, 5},
	} {
		t.Run(name, func(t *testing.T) {
			m := deletable(t)
			tc.fault.Method = "DELETE"
			m.Inject(tc.fault)
			err := m.client(t).DeleteOverride(t.Context(), wanted.Slot(), agree)
			if tc.rejected {
				wantError[*harness.RejectedError](t, err)
			} else if unverified := asError[*harness.UnverifiedError](t, err); unverified.Found == nil || !unverified.Found.SameTarget(wanted) {
				t.Errorf("it tells %+v, want the override that is still there", unverified)
			}
			wantRemains(t, m.Simulator, true)
			wantCalls(t, m.Simulator, deleteCall, tc.deletes)
		})
	}
}

func TestDeleteOverrideTakesAnyAnswer(t *testing.T) {
	for _, form := range []simulator.DeleteReply{simulator.DeleteReplyEmpty, simulator.DeleteReplyEnvelope, simulator.DeleteReplyNoContent} {
		for _, reach := range []simulator.GetReach{simulator.GetReachExact, simulator.GetReachParents, simulator.GetReachChildren} {
			t.Run(string(form)+" with "+string(reach), func(t *testing.T) {
				m := deletable(t)
				m.SetBehaviour(simulator.Behaviour{DeleteReply: form, GetReach: reach, TagOrder: simulator.TagOrderReversed})
				if err := m.client(t).DeleteOverride(t.Context(), wanted.Slot(), agree); err != nil {
					t.Fatal(err)
				}
				wantRemains(t, m.Simulator, false)
				wantCalls(t, m.Simulator, deleteCall, 1)
			})
		}
	}
}

func TestDeleteOverrideOfNothing(t *testing.T) {
	for name, prepare := range map[string]func(m manager){
		"an empty slot": func(manager) {},
		"one that expired and isn't swept yet": func(m manager) {
			m.SetBehaviour(simulator.Behaviour{TTLLag: time.Hour})
			put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: image, Tags: wanted.Tags, ValidUntil: &start})
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			prepare(m)
			err := m.client(t).DeleteOverride(t.Context(), wanted.Slot(), func(current *delegate.Override) error {
				t.Errorf("the guard was asked about %v", current)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			wantCalls(t, m.Simulator, deleteCall, 0)
		})
	}
}

func TestDeleteOverrideAsksTheGuardFirst(t *testing.T) {
	veto := errors.New("not yours")
	m := deletable(t)
	err := m.client(t).DeleteOverride(t.Context(), wanted.Slot(), func(current *delegate.Override) error {
		if current == nil || !current.SameTarget(wanted) {
			t.Errorf("the guard was shown %v", current)
		}
		return veto
	})
	if !errors.Is(err, veto) {
		t.Errorf("got %v", err)
	}
	wantRemains(t, m.Simulator, true)
	wantCalls(t, m.Simulator, deleteCall, 0)
}

// Between the last look and the deletion somebody else is faster.
func TestDeleteOverrideWhenSomebodyElseIsFaster(t *testing.T) {
	for _, noMatch := range []simulator.DeleteNoMatch{simulator.DeleteNoMatchOK, simulator.DeleteNoMatch400} {
		for name, act := range map[string]func(m manager){
			"and deletes it": func(m manager) { m.RemoveOverride(account, "default", "payments", true) },
			"and replaces it": func(m manager) {
				put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:theirs", Tags: []string{"arm"}})
			},
		} {
			t.Run(name+", no match is "+string(noMatch), func(t *testing.T) {
				m := deletable(t)
				m.SetBehaviour(simulator.Behaviour{DeleteNoMatch: noMatch})
				err := m.client(t).DeleteOverride(t.Context(), wanted.Slot(), func(*delegate.Override) error {
					act(m)
					return nil
				})
				if err != nil {
					t.Errorf("ours is gone, which is what was wanted, but: %v", err)
				}
				wantCalls(t, m.Simulator, deleteCall, 1)
				for _, o := range held(m.Simulator) {
					if o.SameTarget(wanted) {
						t.Errorf("it is still there: %s", o)
					}
				}
			})
		}
	}
}

func TestDeleteOverrideSurvivesReadsThatLag(t *testing.T) {
	for name, tc := range map[string]struct {
		reads int
		ok    bool
	}{"by one look": {1, true}, "up to the last look": {harness.VerifyReads - 1, true}, "for longer": {100, false}} {
		t.Run(name, func(t *testing.T) {
			m := deletable(t)
			m.SetBehaviour(simulator.Behaviour{ReadLagReads: tc.reads})
			err := m.client(t).DeleteOverride(t.Context(), wanted.Slot(), agree)
			wantRemains(t, m.Simulator, false)
			wantCalls(t, m.Simulator, deleteCall, 1)
			if tc.ok && err != nil {
				t.Error(err)
			}
			if !tc.ok {
				if unverified := asError[*harness.UnverifiedError](t, err); unverified.Err != nil || unverified.Found == nil {
					t.Errorf("it tells %+v", unverified)
				}
			}
		})
	}
}

func TestAnInterruptedDeletionIsLookedAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		put(t, sim, simulator.Override{OrgID: "default", ProjectID: "payments", Version: image, Tags: wanted.Tags})
		sim.Inject(simulator.Fault{Method: "DELETE", Kind: simulator.FaultLatency, Delay: time.Hour, AfterEffect: true})
		client := newBubbleClient(t, sim, func(c *harness.Config) { c.RequestTimeout = 2 * time.Hour })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		if err := client.DeleteOverride(ctx, wanted.Slot(), agree); err != nil {
			t.Errorf("it was deleted, but: %v", err)
		}
		wantCalls(t, sim, deleteCall, 1)
	})
}

func TestWhatTheClientWroteItself(t *testing.T) {
	m := newManager(t)
	put(t, m.Simulator, simulator.Override{Version: "acme/delegate:foreign"})
	client := m.client(t)
	if client.Wrote(wanted.Slot()) || client.Wrote(delegate.Slot{Scope: atAccount}) {
		t.Error("nothing is written yet")
	}
	if _, err := client.SetOverride(t.Context(), wanted, term, agree); err != nil {
		t.Fatal(err)
	}
	if !client.Wrote(wanted.Slot()) || client.Wrote(delegate.Slot{Scope: atProject}) {
		t.Error("the slot written, and no other, is the client's own")
	}
	if err := client.DeleteOverride(t.Context(), wanted.Slot(), agree); err != nil {
		t.Fatal(err)
	}
	if client.Wrote(wanted.Slot()) {
		t.Error("the slot emptied isn't the client's own any more")
	}
}

func TestAWriteToAnUnknownScopeIsNotSent(t *testing.T) {
	m := newManager(t)
	_, err := m.client(t).SetOverride(t.Context(), delegate.Override{Scope: delegate.Scope{Account: account, Org: "nope"}, Image: image}, term, agree)
	if e := asError[*harness.APIError](t, err); !e.UnknownOrg() || e.Method != http.MethodGet {
		t.Errorf("got %v", err)
	}
	wantCalls(t, m.Simulator, putCall, 0)
}

func TestATermBeyondTheLimitIsRefused(t *testing.T) {
	m := newManager(t)
	_, err := m.client(t).SetOverride(t.Context(), wanted, delegate.MaxValidForDays+1, agree)
	wantError[*harness.RejectedError](t, err)
	want := []harness.FieldError{{Field: "query param validForDays", Reason: "must be between 0 and 180"}}
	if diff := cmp.Diff(want, asError[*harness.APIError](t, err).Fields); diff != "" {
		t.Errorf("refused parameters (-want +got):\n%s", diff)
	}
}
