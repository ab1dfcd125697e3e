package harness_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// However a Manager writes its list, the overrides of exactly one scope come
// of it.
func TestOverridesOfOneScope(t *testing.T) {
	until := start.AddDate(0, 0, 90)
	for name, behaviour := range map[string]simulator.Behaviour{
		"by default":             {},
		"bare":                   {GetEnvelope: simulator.GetEnvelopeBare},
		"parents listed too":     {GetReach: simulator.GetReachParents},
		"children listed too":    {GetReach: simulator.GetReachChildren},
		"end as a number":        {ValidUntilForm: simulator.ValidUntilMillis},
		"end as text":            {ValidUntilForm: simulator.ValidUntilMillisString},
		"end as ISO 8601":        {ValidUntilForm: simulator.ValidUntilISO},
		"end with an offset":     {ValidUntilForm: simulator.ValidUntilISOOffset},
		"tags in another order":  {TagOrder: simulator.TagOrderReversed},
		"with the type of each":  {OverrideTypeField: simulator.OverrideTypePresent},
		"everything unexpected":  {GetEnvelope: simulator.GetEnvelopeBare, GetReach: simulator.GetReachParents, ValidUntilForm: simulator.ValidUntilISOOffset, TagOrder: simulator.TagOrderReversed},
		"by a Manager half done": {ServerAge: simulator.ServerAgeMiddle},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			for _, o := range []simulator.Override{
				{Version: "acme/delegate:account", ValidUntil: &until},
				{Version: "acme/delegate:account-tagged", Tags: []string{"linux"}, ValidUntil: &until},
				{OrgID: "default", Version: "acme/delegate:org", ValidUntil: &until},
				{OrgID: "default", Version: "acme/delegate:org-tagged", Tags: []string{"prod", "linux"}, ValidTillNextRelease: true},
				{OrgID: "default", ProjectID: "payments", Version: "acme/delegate:project", ValidUntil: &until},
				{OrgID: "platform", Version: "acme/delegate:elsewhere", ValidUntil: &until},
			} {
				put(t, m.Simulator, o)
			}
			m.SetBehaviour(behaviour)
			got, err := m.client(t).Overrides(t.Context(), atOrg)
			if err != nil {
				t.Fatal(err)
			}
			want := []delegate.Override{
				{Scope: atOrg, Image: "acme/delegate:org", ValidUntil: until},
				{Scope: atOrg, Image: "acme/delegate:org-tagged", Tags: delegate.NewTags("linux", "prod"), ValidTillNextRelease: true},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("overrides (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOverridesAsRowsMayLook(t *testing.T) {
	end := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		body string
		want []delegate.Override
	}{
		"none":                 {`{"resource":{"versionOverrides":[]}}`, nil},
		"null":                 {`{"resource":{"versionOverrides":null}}`, nil},
		"left out":             {`{"metaData":{},"resource":{},"responseMessages":[]}`, nil},
		"nothing but a tag":    {`{"resource":{"versionOverrides":[{"version":"acme/delegate:1"}]}}`, []delegate.Override{{Scope: atAccount, Image: "acme/delegate:1"}}},
		"nulls written":        {`{"resource":{"versionOverrides":[{"version":"acme/delegate:1","orgIdentifier":null,"projectIdentifier":null,"tags":null,"validUntil":null}]}}`, []delegate.Override{{Scope: atAccount, Image: "acme/delegate:1"}}},
		"empty values":         {`{"resource":{"versionOverrides":[{"version":"acme/delegate:1","orgIdentifier":"","tags":[],"validUntil":0}]}}`, []delegate.Override{{Scope: atAccount, Image: "acme/delegate:1"}}},
		"repeated tags":        {`{"resource":{"versionOverrides":[{"version":"acme/delegate:1","tags":["b","a","b"]}]}}`, []delegate.Override{{Scope: atAccount, Image: "acme/delegate:1", Tags: delegate.NewTags("a", "b")}}},
		"fields of the future": {`{"resource":{"versionOverrides":[{"version":"acme/delegate:1","validUntil":1735689600000,"canary":{"percent":5}}]}}`, []delegate.Override{{Scope: atAccount, Image: "acme/delegate:1", ValidUntil: end}}},
		"project without org":  {`{"resource":{"versionOverrides":[{"version":"acme/delegate:1","projectIdentifier":"payments"}]}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := newClient(t, listen(t, answer(tc.body))).Overrides(t.Context(), atAccount)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("overrides (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a time that is none", func(t *testing.T) {
		body := `{"resource":{"versionOverrides":[{"version":"acme/delegate:1","validUntil":"soon"}]}}`
		_, err := newClient(t, listen(t, answer(body))).Overrides(t.Context(), atAccount)
		wantError[*harness.ReplyError](t, err)
		wantTexts(t, err, `"soon" is neither a number of milliseconds nor an ISO 8601 time`)
	})
}

func TestUnknownScopes(t *testing.T) {
	for _, form := range []simulator.UnknownScope{simulator.UnknownScope400, simulator.UnknownScope404} {
		t.Run("status "+string(form), func(t *testing.T) {
			m := newManager(t)
			m.SetBehaviour(simulator.Behaviour{UnknownScope: form})
			client := m.client(t)
			_, err := client.Overrides(t.Context(), delegate.Scope{Account: account, Org: "nope"})
			if e := asError[*harness.APIError](t, err); !e.UnknownOrg() || e.UnknownProject() {
				t.Errorf("it isn't told to be an unknown organization: %v", err)
			}
			_, err = client.Overrides(t.Context(), delegate.Scope{Account: account, Org: "default", Project: "nope"})
			if e := asError[*harness.APIError](t, err); e.UnknownOrg() || !e.UnknownProject() {
				t.Errorf("it isn't told to be an unknown project: %v", err)
			}
		})
	}
}

func TestAManagerThatListsNothing(t *testing.T) {
	for _, form := range []simulator.UnsupportedMethod{simulator.UnsupportedMethod405, simulator.UnsupportedMethodNotFound} {
		t.Run(string(form), func(t *testing.T) {
			m := newManager(t)
			m.SetBehaviour(simulator.Behaviour{ServerAge: simulator.ServerAgeOld, UnsupportedMethod: form})
			_, err := m.client(t).Overrides(t.Context(), atAccount)
			unsupported := asError[*harness.UnsupportedError](t, err)
			if unsupported.Endpoint != m.url {
				t.Errorf("it names the endpoint %q", unsupported.Endpoint)
			}
			wantTexts(t, err, "the Manager at "+m.url+" does not list tag overrides: GET ")
			wantError[*harness.APIError](t, err)
			wantCalls(t, m.Simulator, listCall, 1)
		})
	}
}

func TestReadersOfOneScopeShareOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		put(t, sim, simulator.Override{Version: image})
		door := newGate(sim, nil)
		client := newBubbleClient(t, door)
		var readers sync.WaitGroup
		for range 50 {
			readers.Go(func() {
				got, err := client.Overrides(t.Context(), atAccount)
				if err != nil || len(got) != 1 || got[0].Image != image {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
		readers.Go(func() {
			if _, err := client.Overrides(t.Context(), atOrg); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if n := door.arrived.Load(); n != 2 {
			t.Errorf("%d requests for two scopes, want one each", n)
		}
		close(door.open)
		readers.Wait()
		if _, err := client.Overrides(t.Context(), atAccount); err != nil {
			t.Error(err)
		}
		wantCalls(t, sim, listCall, 2)
	})
}

func TestFailuresAreNotRemembered(t *testing.T) {
	m := newManager(t)
	m.Inject(simulator.Fault{Status: 400, Count: 1})
	client := m.client(t)
	if _, err := client.Overrides(t.Context(), atAccount); err == nil {
		t.Fatal("want an error")
	}
	if _, err := client.Overrides(t.Context(), atAccount); err != nil {
		t.Errorf("the fault has passed, but: %v", err)
	}
	wantCalls(t, m.Simulator, listCall, 2)
}

func TestAReaderWhoGivesUpTakesNothingFromOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer untilAllIsQuiet()
		sim := newSimulator()
		put(t, sim, simulator.Override{Version: image})
		door := newGate(sim, nil)
		client := newBubbleClient(t, door)
		var readers sync.WaitGroup
		impatient, giveUp := context.WithCancel(t.Context())
		readers.Go(func() {
			if _, err := client.Overrides(impatient, atAccount); !errors.Is(err, context.Canceled) {
				t.Errorf("the reader who gave up got: %v", err)
			}
		})
		synctest.Wait() // the first reader's request is under way
		readers.Go(func() {
			got, err := client.Overrides(t.Context(), atAccount)
			if err != nil || len(got) != 1 {
				t.Errorf("the reader who stayed got %v, %v", got, err)
			}
		})
		synctest.Wait()
		giveUp()
		synctest.Wait()
		close(door.open)
		readers.Wait()
		wantCalls(t, sim, listCall, 1)
	})
}

func TestAWriteMakesReadersReadAnew(t *testing.T) {
	m := newManager(t)
	client := m.client(t)
	read := func() string {
		t.Helper()
		overrides, err := client.Overrides(t.Context(), atAccount)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(len(overrides))
	}
	if got := read(); got != "0" {
		t.Fatalf("at first there are %s", got)
	}
	if _, err := client.SetOverride(t.Context(), delegate.Override{Scope: atAccount, Image: image}, 30, agree); err != nil {
		t.Fatal(err)
	}
	if got := read(); got != "1" {
		t.Errorf("after the write readers see %s", got)
	}
	if err := client.DeleteOverride(t.Context(), delegate.Slot{Scope: atAccount}, agree); err != nil {
		t.Fatal(err)
	}
	if got := read(); got != "0" {
		t.Errorf("after the deletion readers see %s", got)
	}
}

func TestTheWireFormOfAWrite(t *testing.T) {
	for name, tc := range map[string]struct {
		override delegate.Override
		want     string
	}{
		"account, no tags": {
			delegate.Override{Scope: atAccount, Image: "acme/delegate:1"},
			"accountIdentifier=" + account + "&delegateTag=acme%2Fdelegate%3A1&validForDays=30&validTillNextRelease=false",
		},
		"project, tags": {
			delegate.Override{Scope: atProject, Image: "acme/delegate:1", Tags: delegate.NewTags("linux", "prod"), ValidTillNextRelease: true},
			"accountIdentifier=" + account + "&delegateTag=acme%2Fdelegate%3A1&orgIdentifier=default&projectIdentifier=payments" +
				"&tags=linux&tags=prod&validForDays=30&validTillNextRelease=true",
		},
		"signs that need care": {
			delegate.Override{Scope: atAccount, Image: "acme/delegate@sha256:" + strings.Repeat("a", 64), Tags: delegate.NewTags("on call", "a+b", "a,b", "a&b=c", "ü")},
			"accountIdentifier=" + account + "&delegateTag=acme%2Fdelegate%40sha256%3A" + strings.Repeat("a", 64) +
				"&tags=a%26b%3Dc&tags=a%2Bb&tags=a%2Cb&tags=on%20call&tags=%C3%BC&validForDays=30&validTillNextRelease=false",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			var seen attempts
			client := m.client(t, seen.watch)
			if _, err := client.SetOverride(t.Context(), tc.override, 30, agree); err != nil {
				t.Fatal(err)
			}
			if err := client.DeleteOverride(t.Context(), tc.override.Slot(), agree); err != nil {
				t.Fatal(err)
			}
			for _, attempt := range seen.list() {
				address, query, _ := strings.Cut(attempt.URL, "?")
				switch attempt.Method {
				case http.MethodPut:
					if address != m.url+"/ng/api/delegate-setup/override-delegate-tag" || query != tc.want {
						t.Errorf("PUT %s\nquery %s\nwant  %s", address, query, tc.want)
					}
				case http.MethodDelete:
					if tags := queryOf(t, attempt.URL)["tags"]; address != m.url+"/ng/api/delegate-setup/delete-delegate-override" || !delegate.NewTags(tags...).Equal(tc.override.Tags) {
						t.Errorf("DELETE %s with the tags %q, want %q", address, tags, tc.override.Tags)
					}
				}
				if strings.Contains(query, "+") || strings.Contains(query, "tags=&") || strings.HasSuffix(query, "tags=") {
					t.Errorf("a blank as + or an empty tag in %s", query)
				}
			}
			for _, request := range m.Requests() {
				if request.UserAgent != "test/1.0" {
					t.Errorf("%s calls itself %q", request.Method, request.UserAgent)
				}
			}
		})
	}
}

func TestWritesHaveNoBody(t *testing.T) {
	sim := newSimulator()
	server := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) > 0 || r.ContentLength > 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("%s with a body %q of type %q (%v)", r.Method, body, r.Header.Get("Content-Type"), err)
		}
		sim.ServeHTTP(w, r)
	}))
	client := newClient(t, server)
	if _, err := client.SetOverride(t.Context(), delegate.Override{Scope: atAccount, Image: image}, 30, agree); err != nil {
		t.Fatal(err)
	}
	if err := client.DeleteOverride(t.Context(), delegate.Slot{Scope: atAccount}, agree); err != nil {
		t.Fatal(err)
	}
}
