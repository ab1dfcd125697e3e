package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// drive sends a request to the admin API.
func (m *manager) drive(method, path, body string) answer {
	m.t.Helper()
	return m.send(method, "/_admin/"+path, body, nil)
}

func TestAdminDrivesTheSimulator(t *testing.T) {
	m := newManager(t)
	m.drive("GET", "healthz", "").want(200, `{"status":"ok"}`)
	m.drive("POST", "accounts", `{"id":"second","latestVersion":"24.04.82804","orgs":{"o":["p"]}}`).wantStatus(204)
	m.drive("POST", "keys", `{"token":"pat.x","accountId":"second","grants":[]}`).wantStatus(204)
	m.drive("POST", "delegate-tokens", `{"accountId":"second","orgId":"o","name":"t"}`).wantStatus(204)
	m.drive("POST", "delegates", `{"accountId":"second","orgId":"o","name":"d1","replicas":[{"image":"a:1"}]}`).wantStatus(204)
	m.drive("POST", "overrides", `{"accountId":"second","orgId":"o","version":"b:2","validUntil":"2025-02-01T00:00:00Z"}`).wantStatus(204)
	m.drive("GET", "overrides?accountId=second", "").
		want(200, `[{"accountId":"second","orgId":"o","version":"b:2","validUntil":"2025-02-01T00:00:00Z"}]`)
	m.drive("GET", "image?accountId=second&orgId=o&projectId=p&name=d1&tags=x", "").want(200, `{"image":"b:2"}`)
	m.drive("POST", "upgrader", `{"accountId":"second","delegateName":"d1"}`).want(200, `{"groups":1}`)
	wantEqual(t, m.Delegates("second")[0].Replicas[0].Image, "b:2")
	m.drive("GET", "delegates?accountId=second", "").wantStatus(200)
	m.drive("DELETE", "overrides?accountId=second&orgId=o&tagged=true", "").want(200, `{"removed":false}`)
	m.drive("DELETE", "overrides?accountId=second&orgId=o", "").want(200, `{"removed":true}`)
	m.drive("POST", "release", `{"accountId":"second","version":"24.05.83001"}`).wantStatus(204)
	m.drive("GET", "image?accountId=second", "").want(200, `{"image":"harness/delegate:24.05.83001"}`)
	m.drive("POST", "keys/expire", `{"token":"`+key+`"}`).wantStatus(204)
	m.call("GET", latestPath, "").wantStatus(401)

	m.drive("POST", "faults", `{"status":503,"path":"x","retryAfter":"2s"}`).wantStatus(204)
	m.drive("GET", "faults", "").want(200, `[{"kind":"status","status":503,"path":"x","retryAfter":"2s"}]`)
	m.drive("DELETE", "faults", "").wantStatus(204)
	m.drive("GET", "faults", "").want(200, `[]`)
	m.drive("GET", "counters", "").want(200, `{"total":1,"GET `+latestPath+`":1}`)
	m.drive("GET", "requests", "").wantStatus(200)
	m.drive("DELETE", "counters", "").wantStatus(204)
	m.drive("GET", "requests", "").want(200, `[]`)

	m.drive("PATCH", "behaviour", `{"serverAge":"old","latency":"1ms"}`).wantStatus(200)
	wantEqual(t, m.Behaviour().ServerAge, simulator.ServerAgeOld)
	wantEqual(t, m.Behaviour().Latency, time.Millisecond)
	m.drive("DELETE", "behaviour", "").wantStatus(204)
	wantEqual(t, m.Behaviour(), simulator.New().Behaviour())
	m.drive("GET", "behaviour", "").wantStatus(200)
}

func TestAdminClock(t *testing.T) {
	m := newManager(t)
	m.drive("GET", "clock", "").want(200, `{"now":"2025-01-01T00:00:00Z","frozen":true}`)
	m.drive("PUT", "clock", `{"advance":"240h"}`).want(200, `{"now":"2025-01-11T00:00:00Z","frozen":true}`)
	m.drive("PUT", "clock", `{"advance":"-24h"}`).want(200, `{"now":"2025-01-10T00:00:00Z","frozen":true}`)
	m.drive("PUT", "clock", `{"now":"2026-05-05T02:00:00+02:00"}`).want(200, `{"now":"2026-05-05T00:00:00Z","frozen":true}`)
	m.drive("PUT", "clock", `{"frozen":false}`).wantStatus(200)
	wantEqual(t, m.Frozen(), false)
	before := m.Now()
	time.Sleep(2 * time.Millisecond)
	if after := m.Now(); !after.After(before) || after.Sub(before) > time.Minute {
		t.Errorf("the clock went from %s to %s", before, after)
	}
}

func TestAdminIsStrict(t *testing.T) {
	tests := map[string]struct{ method, path, body, text string }{
		"unknown field":               {"POST", "accounts", `{"id":"a","colour":"red"}`, `request body: json: unknown field "colour"`},
		"unknown field in a fault":    {"POST", "faults", `{"status":500,"colour":"red"}`, `request body: json: unknown field "colour"`},
		"unknown field in behaviour":  {"PATCH", "behaviour", `{"colour":"red"}`, `request body: json: unknown field "colour"`},
		"unknown field in the state":  {"PUT", "state", `{"accounts":[{"id":"a","colour":"red"}]}`, `request body: json: unknown field "colour"`},
		"unknown option":              {"PATCH", "behaviour", `{"putReply":"shout"}`, `behaviour putReply is "shout", want one of tag, sentence, string`},
		"unknown fault kind":          {"POST", "faults", `{"kind":"boom"}`, `fault kind "boom" is not known`},
		"no body":                     {"POST", "accounts", ``, `request body: EOF`},
		"two values":                  {"POST", "accounts", `{"id":"a"}{}`, `request body: json: there is text after the first value`},
		"account without id":          {"POST", "accounts", `{}`, `account has no id`},
		"organization without id":     {"POST", "accounts", `{"id":"a","orgs":{"":[]}}`, `account a has an organization or project without an identifier`},
		"key without token":           {"POST", "keys", `{"accountId":"a"}`, `key of account "a" has no token`},
		"key of unknown account":      {"POST", "keys", `{"token":"t","accountId":"a"}`, `key: account "a" is not known`},
		"unknown key":                 {"POST", "keys/expire", `{"token":"t"}`, `there is no such key`},
		"token without name":          {"POST", "delegate-tokens", `{"accountId":"a"}`, `delegate token of account a has no name`},
		"token of unknown account":    {"POST", "delegate-tokens", `{"accountId":"a","name":"t"}`, `delegate token t: account "a" is not known`},
		"delegate without name":       {"POST", "delegates", `{"accountId":"a"}`, `delegate of account a has no name`},
		"delegate of unknown project": {"POST", "delegates", `{"accountId":"` + account + `","orgId":"default","projectId":"x","name":"d"}`, `delegate d: organization or project "default/x" of account ` + account + ` is not known`},
		"override without version":    {"POST", "overrides", `{}`, `override has no version`},
		"release to unknown account":  {"POST", "release", `{"accountId":"a"}`, `account "a" is not known`},
		"list without account":        {"GET", "overrides", ``, `query parameter accountId is missing`},
		"unknown query parameter":     {"GET", "image?account=a", ``, `unknown query parameter "account", want one of accountId, orgId, projectId, name, tags`},
		"tagged maybe":                {"DELETE", "overrides?accountId=a&tagged=maybe", ``, `query parameter tagged: strconv.ParseBool: parsing "maybe": invalid syntax`},
		"advance soon":                {"PUT", "clock", `{"advance":"soon"}`, `advance: time: invalid duration "soon"`},
		"unreadable query":            {"GET", "image?%zz", ``, `reading the query: invalid URL escape "%zz"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := newManager(t).drive(test.method, test.path, test.body)
			got.wantStatus(400)
			var refusal struct{ Error string }
			if err := json.Unmarshal([]byte(got.body), &refusal); err != nil {
				t.Fatal(err)
			}
			wantEqual(t, refusal.Error, test.text)
		})
	}
}

func TestAdminUnknownPathAndMethod(t *testing.T) {
	m := newManager(t)
	m.drive("GET", "nope", "").wantStatus(404)
	m.drive("PUT", "counters", "").wantStatus(405)
}

func TestStateRoundTrip(t *testing.T) {
	m := newManager(t)
	until := start.Add(time.Hour)
	m.AddDelegateToken(simulator.DelegateToken{AccountID: account, Name: "t", RevokedAt: start, RevokeAfter: start})
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Tags: []string{"x"}, Replicas: []simulator.Replica{{Image: "a:1"}}})
	m.AddKey(simulator.Key{Token: "pat.none", AccountID: account, Grants: []simulator.Grant{}})
	for _, o := range []simulator.Override{
		{AccountID: account, Version: "a:1", ValidUntil: &until},
		{AccountID: account, OrgID: "default", Tags: []string{"x"}, Version: "b:1", ValidTillNextRelease: true},
	} {
		if err := m.PutOverride(o); err != nil {
			t.Fatal(err)
		}
	}
	m.patch(`{"putReply":"string"}`)
	document := m.drive("GET", "state", "")
	document.wantStatus(200)

	other := newManager(t)
	other.AddAccount(simulator.Account{ID: "forgotten"})
	other.drive("PUT", "state", document.body).wantStatus(204)
	if diff := cmp.Diff(m.State(), other.State()); diff != "" {
		t.Errorf("state differs (-want +got):\n%s", diff)
	}
	other.send("GET", overridePath+"?accountIdentifier="+account, "", http.Header{"X-Api-Key": {"pat.none"}}).wantStatus(403)
}

func TestStateThatIsRefusedChangesNothing(t *testing.T) {
	for name, document := range map[string]string{
		"account":   `{"accounts":[{}]}`,
		"key":       `{"keys":[{"token":"t","accountId":"nope"}]}`,
		"token":     `{"delegateTokens":[{"accountId":"nope","orgId":"","projectId":"p","name":"t"}]}`,
		"delegate":  `{"delegates":[{"accountId":"","name":"t"}]}`,
		"override":  `{"overrides":[{"accountId":"nope","version":"a"}]}`,
		"behaviour": `{"now":"2030-01-01T00:00:00Z","behaviour":{"putReply":"x"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			before := m.State()
			m.drive("PUT", "state", document).wantStatus(400)
			wantEqual(t, m.State(), before)
		})
	}
}

func TestPackageDocumentationListsTheAdminAPI(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(simulator.AdminHelp()) {
		words := strings.Fields(line)
		if entry := fmt.Sprintf("//\t%-6s %s ", words[0], words[1]); !strings.Contains(string(doc), entry) {
			t.Errorf("doc.go lacks %q", entry)
		}
	}
}

// TestPackageDocumentationListsEndpointsThatAreThere asks without a key: a known endpoint notices that first.
func TestPackageDocumentationListsEndpointsThatAreThere(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	m := newManager(t)
	m.patch(`{"unsupportedMethod":"405"}`)
	listed := 0
	for line := range strings.Lines(string(doc)) {
		entry, isEntry := strings.CutPrefix(line, "//\t")
		methods, path, _ := strings.Cut(entry, "/")
		if !isEntry || strings.HasPrefix(path, "_admin") {
			continue
		}
		for method := range strings.SplitSeq(methods, ",") {
			method, path := strings.TrimSpace(method), "/"+strings.TrimSpace(path)
			got := m.send(method, strings.Replace(path, "{identifier}", "d1", 1), "", nil)
			if got.status != http.StatusUnauthorized && !strings.HasPrefix(path, "/api/upgrade-check/") {
				t.Errorf("%s %s replies with status %d: %s", method, path, got.status, got.body)
			}
			if got.status == http.StatusMethodNotAllowed || got.status == http.StatusBadRequest {
				t.Errorf("%s %s is not known: %s", method, path, got.body)
			}
			listed++
		}
	}
	wantEqual(t, listed, 25)
}

// TestConcurrentUse is for the race detector, and shows that writes to different slots do not lose each other.
func TestConcurrentUse(t *testing.T) {
	m := newManager(t)
	m.Freeze(false)
	orgs := map[string][]string{}
	for i := range 8 {
		orgs[fmt.Sprintf("o%d", i)] = nil
	}
	m.AddAccount(simulator.Account{ID: account, LatestVersion: "24.04.82804", Orgs: orgs})
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{{}}})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			at := fmt.Sprintf("orgIdentifier=o%d", i)
			for range 10 {
				m.call("PUT", overridePath, "delegateTag=a:1&tags=t&"+at)
				m.call("GET", overridePath, at)
				m.call("POST", listPath, "")
				m.drive("PATCH", "behaviour", `{"tagOrder":"reversed"}`)
				m.drive("GET", "state", "")
				m.Inject(simulator.Fault{Status: 503, Path: "/nowhere"})
				m.RunUpgrader(account, "d1")
				m.Advance(time.Second)
				_, _, _ = m.Counters(), m.Requests(), m.Faults()
			}
		})
	}
	group.Wait()
	wantEqual(t, len(m.Overrides(account)), 8)
	wantEqual(t, m.Counters()["PUT "+overridePath], 80)
}
