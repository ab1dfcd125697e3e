package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	account = "aBcDeFgHiJkLmNoPqRsTuV"
	key     = "pat.test"

	latestPath   = "/ng/api/delegate-setup/latest-supported-version"
	overridePath = "/ng/api/delegate-setup/override-delegate-tag"
	deletePath   = "/ng/api/delegate-setup/delete-delegate-override"
	listPath     = "/ng/api/delegate-setup/listDelegates"
	tokenPath    = "/ng/api/delegate-token-ng"
	checkPath    = "/api/upgrade-check/delegate-v2"

	latestVersion = "24.04.82804"
	latestImage   = "harness/delegate:" + latestVersion
	tokenValue    = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
)

// start is where the frozen clock of every test stands at first.
var start = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// manager is a simulator behind a real listener.
type manager struct {
	*simulator.Simulator
	t      *testing.T
	url    string
	client *http.Client
}

// newManager serves a simulator with one account, one key that may do everything, and a clock that stands still.
func newManager(t *testing.T) *manager {
	t.Helper()
	sim := simulator.New()
	sim.Freeze(true)
	sim.SetTime(start)
	sim.AddAccount(testAccount())
	sim.AddKey(simulator.Key{Token: key, AccountID: account, Principal: "ci-bot"})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &manager{Simulator: sim, t: t, url: server.URL, client: client}
}

func testAccount() simulator.Account {
	return simulator.Account{
		ID:            account,
		LatestVersion: "24.04.82804",
		Orgs:          map[string][]string{"default": {"payments", "search"}, "platform": {"build"}},
		Names:         map[string]string{"default/payments": "Payments"},
	}
}

// adjust changes single switches of the behaviour.
func (m *manager) adjust(change func(*simulator.Behaviour)) {
	b := m.Behaviour()
	change(&b)
	m.SetBehaviour(b)
}

// answer is a reply that was read to its end.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// call sends a request with the key and the account.
func (m *manager) call(method, path, query string) answer {
	m.t.Helper()
	return m.send(method, path+"?accountIdentifier="+account+"&"+query, "", http.Header{"X-Api-Key": {key}})
}

// send sends a request as it stands.
func (m *manager) send(method, target, body string, header http.Header) answer {
	m.t.Helper()
	response, err := m.try(method, target, body, header)
	if err != nil {
		m.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		m.t.Fatalf("%s %s: reading the reply: %v", method, target, err)
	}
	return answer{t: m.t, status: response.StatusCode, header: response.Header, body: string(read)}
}

// try sends a request that may fail on its way.
func (m *manager) try(method, target, body string, header http.Header) (*http.Response, error) {
	m.t.Helper()
	request, err := http.NewRequestWithContext(m.t.Context(), method, m.url+target, strings.NewReader(body))
	if err != nil {
		m.t.Fatalf("making the request: %v", err)
	}
	if header != nil {
		request.Header = header
	}
	return m.client.Do(request)
}

// want checks the status and, as JSON trees, the body. The text "*" stands for any text.
func (a answer) want(status int, body string) {
	a.t.Helper()
	a.wantStatus(status)
	if diff := cmp.Diff(tree(a.t, body), tree(a.t, a.body), anyText()); diff != "" {
		a.t.Errorf("body differs (-want +got):\n%s", diff)
	}
}

func (a answer) wantStatus(status int) {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status is %d, want %d; body: %s", a.status, status, a.body)
	}
}

// wantError checks the status and the code and message of an error body.
func (a answer) wantError(status int, code, message string) {
	a.t.Helper()
	a.wantStatus(status)
	var got struct{ Status, Code, Message, CorrelationID string }
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		a.t.Fatalf("error body %q: %v", a.body, err)
	}
	if got.Code != code || got.Message != message || got.CorrelationID == "" {
		a.t.Errorf("error is %+v, want code %s, message %q", got, code, message)
	}
}

// resource decodes what is inside the envelope.
func (a answer) resource(target any) {
	a.t.Helper()
	a.wantStatus(http.StatusOK)
	wrapped := struct {
		Resource any `json:"resource"`
	}{Resource: target}
	if err := json.Unmarshal([]byte(a.body), &wrapped); err != nil {
		a.t.Fatalf("body %q: %v", a.body, err)
	}
}

func tree(t *testing.T, document string) any {
	t.Helper()
	var parsed any
	if err := json.Unmarshal([]byte(document), &parsed); err != nil {
		t.Fatalf("document %q: %v", document, err)
	}
	return parsed
}

func anyText() cmp.Option {
	return cmp.FilterValues(func(a, b any) bool { return a == "*" || b == "*" }, cmp.Comparer(func(a, b any) bool {
		_, aText := a.(string)
		_, bText := b.(string)
		return aText && bText
	}))
}

// row is one listed override as far as tests look at it.
type row struct {
	Version              string
	OrgIdentifier        string
	ProjectIdentifier    string
	Tags                 []string
	ValidTillNextRelease bool
	ValidUntil           any
	OverrideType         string
}

// rows lists the overrides of a scope.
func (m *manager) rows(query string) []row {
	m.t.Helper()
	var list struct{ VersionOverrides []row }
	m.call("GET", overridePath, query).resource(&list)
	return list.VersionOverrides
}

// versions lists the images of a scope's overrides.
func (m *manager) versions(query string) []string {
	m.t.Helper()
	images := []string{}
	for _, r := range m.rows(query) {
		images = append(images, r.Version)
	}
	return images
}

// put writes an override through the API.
func (m *manager) put(query string) {
	m.t.Helper()
	m.call("PUT", overridePath, query).wantStatus(http.StatusOK)
}

func wantEqual(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}
