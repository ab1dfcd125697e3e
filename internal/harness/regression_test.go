package harness_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// Reads lag by one look: the entry of before differs by its flag alone.
func TestSetOverrideWaitsForTheFlagToShow(t *testing.T) {
	for name, flag := range map[string]bool{"set": true, "cleared": false} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			before := simulator.Override{OrgID: "default", ProjectID: "payments", Version: image, Tags: wanted.Tags, ValidTillNextRelease: !flag}
			if flag {
				until := m.Now().AddDate(0, 0, term)
				before.ValidUntil = &until
			}
			put(t, m.Simulator, before)
			m.SetBehaviour(simulator.Behaviour{ReadLagReads: 1})
			want := wanted
			want.ValidTillNextRelease = flag
			found, err := m.client(t).SetOverride(t.Context(), want, term, agree)
			if err != nil {
				t.Fatal(err)
			}
			if found.ValidTillNextRelease != flag {
				t.Errorf("found %s", found)
			}
			wantCalls(t, m.Simulator, putCall, 1)
			wantCalls(t, m.Simulator, deleteCall, 0)
		})
	}
}

// TestSetOverrideSurvivesFaultsThatPass, more rows.
func TestSetOverrideSurvivesMoreFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		fault simulator.Fault
		puts  int
	}{
		"answer too large":       {simulator.Fault{Kind: simulator.FaultOversizeBody, Size: harness.MaxReply}, 1},
		"page before the effect": {simulator.Fault{Kind: simulator.FaultHTML}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
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

// TestDeleteOverrideSurvivesFaultsThatPass, one more row.
func TestDeleteOverrideSurvivesAPage(t *testing.T) {
	m := deletable(t)
	m.Inject(simulator.Fault{Method: "DELETE", Kind: simulator.FaultHTML, Count: 1})
	if err := m.client(t).DeleteOverride(t.Context(), wanted.Slot(), agree); err != nil {
		t.Fatal(err)
	}
	wantRemains(t, m.Simulator, false)
	wantCalls(t, m.Simulator, deleteCall, 2)
}

func TestClientHidesItsKey(t *testing.T) {
	client := newClient(t, "https://app.harness.io")
	for _, form := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		if got := fmt.Sprintf(form, client); leaks(got) {
			t.Errorf("%s shows it: %s", form, got)
		}
	}
	if got := fmt.Sprintf("%d", any(secret.Text(apiKey))); leaks(got) {
		t.Errorf("a wrong verb shows it: %s", got)
	}
}

// TestParseEndpointRefuses, more rows.
func TestParseEndpointRepeatsNoPassword(t *testing.T) {
	for _, text := range []string{"ftp://ci:s3cret@app.harness.io", "https://ci:s3cret@app.harness.io:port", "https://ci:s3cret%zz@app.harness.io"} {
		if _, err := harness.ParseEndpoint(text); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRetryAfterIsReadByTheManagersClock(t *testing.T) {
	for name, sim := range map[string]time.Duration{"ahead": 48 * time.Hour, "behind": -48 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer untilAllIsQuiet()
				manager := newSimulator()
				manager.Advance(sim)
				manager.Inject(simulator.Fault{Status: 429, RetryAfter: 40 * time.Second, RetryAfterDate: true, Count: 1})
				client := newBubbleClient(t, manager, waits(time.Second, 30*time.Second))
				begin := time.Now()
				if _, err := client.Overrides(t.Context(), atAccount); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(begin); waited < 39*time.Second || waited > 42*time.Second {
					t.Errorf("it waited %s, want the 40s that the Manager asked for", waited)
				}
			})
		})
	}
}

func TestRetryAfterIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		sim.Inject(simulator.Fault{Status: 429, RetryAfter: 24 * time.Hour, Count: 1})
		client := newBubbleClient(t, sim)
		begin := time.Now()
		_, err := client.Overrides(t.Context(), atAccount)
		if waited := time.Since(begin); waited > 10*time.Minute {
			t.Errorf("it waited %s without a word (%v)", waited, err)
		}
	})
}

func TestTheDefaultsOutlastTheRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		for range 200 {
			sim := newSimulator()
			sim.Inject(simulator.Fault{Status: 429, Form: simulator.BodyFormText})
			client := newBubbleClient(t, sim, retries(harness.DefaultMaxRetries), waits(harness.DefaultRetryWaitMin, harness.DefaultRetryWaitMax))
			begin := time.Now()
			if _, err := client.Overrides(t.Context(), atAccount); err == nil {
				t.Fatal("want an error")
			}
			if waited := time.Since(begin); waited < time.Minute {
				t.Errorf("it gave up after %s, within the minute by which the Manager counts", waited)
			}
		}
	})
}

func TestATimeThatNoStateCanHoldIsRefused(t *testing.T) {
	for _, text := range []string{"9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00", "1969-12-31T23:59:59Z"} {
		body, _ := json.Marshal(map[string]any{"versionOverrides": []any{map[string]any{"version": "acme/delegate:1", "validUntil": text}}})
		if got, err := newClient(t, listen(t, answer(string(body)))).Overrides(t.Context(), atAccount); err == nil {
			t.Errorf("%s reads as %s", text, got[0].ValidUntil)
		}
	}
}

// A write that was lost may leave what looks like it: the same image, for nearly
// the same time, but without the flag.
func TestSetOverrideRepeatsALostFlag(t *testing.T) {
	m := newManager(t)
	client := m.client(t)
	if _, err := client.SetOverride(t.Context(), wanted, term, agree); err != nil {
		t.Fatal(err)
	}
	m.Inject(simulator.Fault{Method: "PUT", Kind: simulator.FaultResetBefore, Count: 1})
	want := wanted
	want.ValidTillNextRelease = true
	found, err := client.SetOverride(t.Context(), want, term, agree)
	if err != nil || !found.ValidTillNextRelease {
		t.Errorf("got %s, %v", found, err)
	}
}

// A Manager that never clears the flag makes a removal necessary; if the entry
// can't be set again, its removal must not go unsaid.
func TestSetOverrideTellsThatItRemoved(t *testing.T) {
	m := newManager(t)
	m.SetBehaviour(simulator.Behaviour{TillNextRelease: simulator.TillNextReleaseLegacy})
	put(t, m.Simulator, simulator.Override{OrgID: "default", ProjectID: "payments", Version: image, Tags: wanted.Tags, ValidTillNextRelease: true})
	m.Inject(simulator.Fault{Method: "PUT", Kind: simulator.FaultExpiredKey, Skip: 1, Count: 1})
	_, err := m.client(t).SetOverride(t.Context(), wanted, term, agree)
	if unverified := asError[*harness.UnverifiedError](t, err); !unverified.Removed {
		t.Errorf("it tells %+v", unverified)
	}
	wantTexts(t, err, "401")
}

// An override that was in the account before is not the work of a write that
// doesn't show.
func TestWhatIsInTheAccountMayBeAnothers(t *testing.T) {
	m := newManager(t)
	until := m.Now().AddDate(0, 0, term).Add(-time.Hour)
	put(t, m.Simulator, simulator.Override{Version: image, ValidUntil: &until})
	m.SetBehaviour(simulator.Behaviour{PutEffect: simulator.PutEffectIgnored})
	_, err := m.client(t).SetOverride(t.Context(), wanted, term, agree)
	if unverified := asError[*harness.UnverifiedError](t, err); unverified.Elsewhere != nil {
		t.Errorf("it tells %+v", unverified)
	}
}

// Some proxies echo the request in their error pages.
func TestAnEchoedKeyIsNotShown(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"in an error":         {Status: 400, Form: simulator.BodyFormText, Body: "headers: X-Api-Key: " + apiKey},
		"in an error of JSON": {Status: 400, Body: `{"code":"X","message":"` + apiKey + `"}`},
		"in a page":           {Status: 200, Form: simulator.BodyFormText, Body: "X-Api-Key: " + apiKey},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			fault.Kind = simulator.FaultStatus
			m.Inject(fault)
			_, err := m.client(t).Overrides(t.Context(), atProject)
			if err == nil || strings.Contains(err.Error(), apiKey) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// A list that isn't there is not an empty one: a state would be dropped for it.
func TestAListOfNullIsNone(t *testing.T) {
	if got, err := newClient(t, listen(t, answer(`{"metaData":{},"resource":null}`))).Overrides(t.Context(), atProject); err == nil {
		t.Errorf("got %v", got)
	}
}
