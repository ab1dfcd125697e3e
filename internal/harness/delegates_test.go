package harness_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const delegatesCall = "POST /ng/api/delegate-setup/listDelegates"

// replying is a Manager that gives one reply to everything.
func replying(tb testing.TB, body string) *harness.Client {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, body) }))
	tb.Cleanup(server.Close)
	return newClient(tb, server.URL)
}

// Every field of a row is read as documented, the two spellings of the heartbeat
// among them; what is missing or null is none.
func TestDelegates_rows(t *testing.T) {
	at := time.Date(2024, time.June, 3, 15, 0, 0, 0, time.UTC)
	full := `{"type":"HELM_DELEGATE","name":"payments-delegate","description":"d","tags":["prod","linux","payments-delegate"],
		"lastHeartBeat":1717426800000,"connected":true,
		"delegateReplicas":[{"uuid":"u","lastHeartbeat":1717426800000,"connected":true,"hostName":"h","version":"24.04.82804","expiringAt":1731942000000,"status":"new"}],
		"autoUpgrade":"SYNCHRONIZING","legacy":true,"orgName":"Default","projectName":"Payments","runner":false}`
	for name, tc := range map[string]struct {
		reply string
		want  []harness.ListedDelegate
	}{
		"all fields": {`{"metaData":{},"resource":[` + full + `],"responseMessages":[]}`, []harness.ListedDelegate{{
			Name: "payments-delegate", Type: "HELM_DELEGATE", Description: "d", Tags: delegate.NewTags("linux", "payments-delegate", "prod"),
			Connected: true, LastHeartbeat: at, AutoUpgrade: "SYNCHRONIZING", Legacy: true, OrgName: "Default", ProjectName: "Payments",
			Replicas: []harness.Replica{{
				UUID: "u", HostName: "h", Version: "24.04.82804", Connected: true, LastHeartbeat: at,
				ExpiringAt: time.Date(2024, time.November, 18, 15, 0, 0, 0, time.UTC),
			}},
		}}},
		"few fields": {`{"resource":[{"name":"a"},{"name":"b","tags":null,"lastHeartBeat":null,"delegateReplicas":null,"orgName":null},{"name":"c","lastHeartBeat":0,"delegateReplicas":[{}]}]}`, []harness.ListedDelegate{
			{Name: "a"}, {Name: "b"}, {Name: "c", Replicas: []harness.Replica{{}}},
		}},
		"without an envelope": {`[{"name":"a"}]`, []harness.ListedDelegate{{Name: "a"}}},
		"none":                {`{"resource":[]}`, []harness.ListedDelegate{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := replying(t, tc.reply).Delegates(t.Context(), harness.DelegateQuery{Scope: atProject})
			if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestDelegates_repliesThatAreNone(t *testing.T) {
	for _, reply := range []string{`<html>Sign in</html>`, `{"resource":null}`, `{"status":"SUCCESS"}`, `{"resource":{"delegates":[]}}`, `{"resource":[{"lastHeartBeat":"yesterday"}]}`, `"ok"`} {
		_, err := replying(t, reply).Delegates(t.Context(), harness.DelegateQuery{Scope: atAccount})
		wantError[*harness.ReplyError](t, err)
	}
}

// The query says which scope, and whether with those below; the body what the API
// requires, and the status.
func TestDelegates_request(t *testing.T) {
	for name, tc := range map[string]struct {
		query       harness.DelegateQuery
		wants, body string
	}{
		"an account and below": {harness.DelegateQuery{Scope: atAccount, Below: true}, "accountIdentifier=" + account + "&all=true", `{"filterType":"Delegate"}`},
		"a project":            {harness.DelegateQuery{Scope: atProject}, "accountIdentifier=" + account + "&orgIdentifier=default&projectIdentifier=payments", `{"filterType":"Delegate"}`},
		"a status":             {harness.DelegateQuery{Scope: atOrg, VersionStatus: "EXPIRED"}, "accountIdentifier=" + account + "&orgIdentifier=default", `{"filterType":"Delegate","versionStatus":"EXPIRED"}`},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || r.URL.RawQuery != tc.wants || string(body) != tc.body || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("%s was asked with %s", r.URL, body)
				}
				_, _ = fmt.Fprint(w, `{"resource":[]}`)
			}))
			defer server.Close()
			if _, err := newClient(t, server.URL).Delegates(t.Context(), tc.query); err != nil {
				t.Error(err)
			}
		})
	}
}

// A body is sent again, whole, with each repetition.
func TestDelegates_retriesWithTheBody(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d", Replicas: []simulator.Replica{{Version: "24.04.82804", Alive: true}}})
	for _, fault := range []simulator.Fault{{Count: 2, Status: 503}, {Count: 1, Kind: simulator.FaultResetBefore}, {Count: 1, Kind: simulator.FaultTruncated}} {
		m.Inject(fault)
		got, err := m.client(t).Delegates(t.Context(), harness.DelegateQuery{Scope: atAccount, VersionStatus: "ACTIVE"})
		if err != nil || len(got) != 1 {
			t.Errorf("after %s %v, %v", fault.Kind, got, err)
		}
	}
}

// Lists are remembered by their query, until they are forgotten by age or asked
// for anew.
func TestDelegates_remembered(t *testing.T) {
	m := newManager(t)
	client := m.client(t)
	ask := func(query harness.DelegateQuery, want int) {
		t.Helper()
		if _, err := client.Delegates(t.Context(), query); err != nil {
			t.Fatal(err)
		}
		wantCalls(t, m.Simulator, delegatesCall, want)
	}
	here, below, expired := harness.DelegateQuery{Scope: atAccount}, harness.DelegateQuery{Scope: atAccount, Below: true}, harness.DelegateQuery{Scope: atAccount, VersionStatus: "EXPIRED"}
	ask(here, 1)
	ask(here, 1)
	ask(below, 2)
	ask(expired, 3)
	client.ForgetDelegates(time.Hour)
	ask(below, 3)
	if _, err := client.FreshDelegates(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, m.Simulator, delegatesCall, 4)
	ask(here, 4)
	client.ForgetDelegates(0)
	ask(here, 5)
	ask(below, 6)
}
