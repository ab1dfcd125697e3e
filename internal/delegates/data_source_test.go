package delegates

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	listCall   = "POST /ng/api/delegate-setup/listDelegates"
	groupsCall = "GET /api/setup/delegates/ng/v2"
)

func twoProjects(tb testing.TB) manager {
	tb.Helper()
	return newManager(tb, map[string][]string{"default": {"payments", "search"}})
}

// inPayments are arguments for a delegate of the project "payments".
func inPayments(name string, more map[string]tftypes.Value) map[string]tftypes.Value {
	arguments := map[string]tftypes.Value{"org_id": text("default"), "project_id": text("payments"), "name": text(name)}
	for argument, value := range more {
		arguments[argument] = value
	}
	return arguments
}

func (m manager) add(project, name string, replicas ...simulator.Replica) {
	org := "default"
	if project == "" {
		org = ""
	}
	m.AddDelegate(simulator.Delegate{AccountID: testAccount, OrgID: org, ProjectID: project, Name: name, Replicas: replicas})
}

func TestDelegate_notFound(t *testing.T) {
	m := twoProjects(t)
	m.add("payments", "payments-delegate", running(release))
	m.add("payments", "gpu", running(release))
	m.add("search", "search-delegate", running(release))
	m.add("", "search-delegate", running(release))
	for name, says := range map[string][]string{
		"Payments_Delegate": {`no delegate "Payments_Delegate" at project "payments" of organization "default"`, `Names like it at this scope: "payments-delegate".`, "wait_for", "depends_on"},
		"search-delegate":   {`The delegates at this scope are "gpu", "payments-delegate".`, `There is one of this name at project "default/search", the account.`},
	} {
		_, diags := m.again(t).one(t.Context(), t, inPayments(name, nil))
		wantError(t, diags, "Delegate Not Found", says...)
	}
	_, diags := m.one(t.Context(), t, map[string]tftypes.Value{"org_id": text("default"), "name": text("any")})
	wantError(t, diags, "Delegate Not Found", `no delegate "any" at organization "default"`, "There are no delegates at this scope.")
}

// Where other scopes can't be seen, nothing is said of them.
func TestDelegate_notFoundByAKeyOfTheProject(t *testing.T) {
	m := twoProjects(t)
	m.AddKey(simulator.Key{Token: testKey, AccountID: testAccount, Grants: []simulator.Grant{
		{OrgID: "default", ProjectID: "payments", Permissions: []string{simulator.PermissionView}},
	}})
	m.add("search", "d", running(release))
	_, diags := m.one(t.Context(), t, inPayments("d", nil))
	wantError(t, diags, "Delegate Not Found", "There are no delegates at this scope.\n\nIf it is being installed")
}

func TestDelegate_several(t *testing.T) {
	row := `{"name":"twin","type":"KUBERNETES","delegateReplicas":[]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = fmt.Fprintf(w, `{"resource":[%s,%s]}`, row, row)
			return
		}
		_, _ = fmt.Fprint(w, `{"resource":{"delegateGroupDetails":[
			{"groupName":"twin","delegateGroupIdentifier":"twin_b"},{"groupName":"other","delegateGroupIdentifier":"other"},{"groupName":"twin","delegateGroupIdentifier":"twin_a"}]}}`)
	}))
	defer server.Close()
	m := manager{nil, server.URL, dataFor(t, server.URL)}
	says := []string{`at project "payments" of organization "default"`, "2 delegates have the name:\n  twin: KUBERNETES, not connected", `Their identifiers are "twin_a", "twin_b".`}
	_, diags := m.one(t.Context(), t, inPayments("twin", nil))
	wantError(t, diags, "Several Delegates Have This Name", says...)
	_, diags = m.one(t.Context(), t, inPayments("twin", map[string]tftypes.Value{"wait_for": waitFor(map[string]tftypes.Value{"connected": truth(true)})}))
	wantError(t, diags, "Several Delegates Have This Name", says...)
}

// Data sources that are read together share the lists; one that is read later
// doesn't see old ones.
func TestDelegate_requests(t *testing.T) {
	m := twoProjects(t)
	for i := range 5 {
		m.add("payments", fmt.Sprintf("delegate-%d", i), running(release))
	}
	for i := range 5 {
		if _, diags := m.one(t.Context(), t, inPayments(fmt.Sprintf("delegate-%d", i), nil)); len(diags) > 0 {
			t.Fatal(diags)
		}
	}
	if lists, groups := m.Counters()[listCall], m.Counters()[groupsCall]; lists != 1 || groups != 1 {
		t.Errorf("%d lists and %d groups were read, want one of each", lists, groups)
	}
	client, _ := m.data.Client()
	client.ForgetDelegates(0)
	m.add("payments", "late", running(release))
	if _, diags := m.one(t.Context(), t, inPayments("late", map[string]tftypes.Value{"group_details": truth(false)})); len(diags) > 0 {
		t.Error(diags)
	}
	if lists, groups := m.Counters()[listCall], m.Counters()[groupsCall]; lists != 2 || groups != 1 {
		t.Errorf("%d lists and %d groups were read, want 2 and 1", lists, groups)
	}
}

// later does something after so many lists were asked for.
func (m manager) later(tb testing.TB, lists int, do func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if m.Counters()[listCall] >= lists {
					do()
					return
				}
			}
		}
	}()
	tb.Cleanup(func() {
		cancel()
		<-done
	})
}

// A delegate registers, comes up replica by replica, and meets its upgrader. Each
// condition holds only from the step on that fulfils it.
func TestDelegate_waits(t *testing.T) {
	gone := simulator.Replica{Version: release, LastHeartbeat: start.Add(-time.Hour)}
	for name, tc := range map[string]struct {
		before  []simulator.Replica
		then    []simulator.Replica
		asked   bool
		waitFor map[string]tftypes.Value
	}{
		"connected":       {[]simulator.Replica{gone}, []simulator.Replica{running(release)}, false, map[string]tftypes.Value{"connected": truth(true)}},
		"replicas":        {[]simulator.Replica{running(release)}, []simulator.Replica{running(release), running(release)}, false, map[string]tftypes.Value{"min_replicas": tftypes.NewValue(tftypes.Number, 2)}},
		"version":         {[]simulator.Replica{running(oldRelease)}, []simulator.Replica{running(release)}, false, map[string]tftypes.Value{"version": text(release)}},
		"version on all":  {[]simulator.Replica{running(oldRelease), running(release)}, []simulator.Replica{running(release), running(release), gone}, false, map[string]tftypes.Value{"version": text(release)}},
		"image":           {[]simulator.Replica{running(oldRelease)}, []simulator.Replica{running(release)}, false, map[string]tftypes.Value{"image": text("registry.example.com:5000/d:" + release + ".minimal")}},
		"auto-upgrade":    {[]simulator.Replica{running(release)}, []simulator.Replica{running(release)}, true, map[string]tftypes.Value{"auto_upgrade": text("ON")}},
		"no replicas yet": {nil, []simulator.Replica{running(release)}, true, map[string]tftypes.Value{"auto_upgrade": text("ON")}},
		"all at once": {
			[]simulator.Replica{running(oldRelease)},
			[]simulator.Replica{running(release)},
			true,
			map[string]tftypes.Value{"connected": truth(true), "version": text(release), "auto_upgrade": text("ON")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := twoProjects(t)
			m.later(t, 3, func() { // not registered at first
				m.add("payments", "d", tc.before...)
				m.later(t, m.Counters()[listCall]+3, func() {
					added := simulator.Delegate{AccountID: testAccount, OrgID: "default", ProjectID: "payments", Name: "d", Identifier: "d_1", Replicas: tc.then}
					if tc.asked {
						added.UpgraderLastUpdated = start
					}
					m.AddDelegate(added)
				})
			})
			// What is known from before must not be taken for what is there.
			if found, diags := m.list(t, map[string]tftypes.Value{"org_id": text("default"), "project_id": text("payments")}); len(diags) > 0 || len(found.Delegates.Elements()) > 0 {
				t.Fatal(diags, found.Delegates)
			}
			got, diags := m.one(t.Context(), t, inPayments("d", map[string]tftypes.Value{"wait_for": waitFor(tc.waitFor), "timeouts": within("30s")}))
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if m.Counters()[listCall] < 7 || len(got.Replicas) != len(tc.then) || got.Identifier.ValueString() != "d_1" {
				t.Errorf("after %d lists %v", m.Counters()[listCall], got)
			}
		})
	}
}

func TestDelegate_waitsInVain(t *testing.T) {
	m := twoProjects(t)
	m.add("payments", "slow", running(oldRelease))
	m.add("search", "lost", running(release))
	wanted := map[string]tftypes.Value{
		"wait_for": waitFor(map[string]tftypes.Value{"version": text(release), "auto_upgrade": text("ON")}),
		"timeouts": within("1s"),
	}
	_, diags := m.one(t.Context(), t, inPayments("slow", wanted))
	wantError(t, diags, "Delegate Not as Awaited",
		`Delegate "slow" at project "payments"`, "another version than 24.04.82804 is run by 1 of its 1 connected replicas; its auto-upgrade status is DETECTING, not ON",
		"Last seen at 2024-05-15T12:00:0", "replica slow-0: version 24.03.82600, connected, last heartbeat 2024-05-15T12:00:0", "timeouts.read")
	_, diags = m.one(t.Context(), t, inPayments("lost", wanted))
	wantError(t, diags, "Delegate Not as Awaited", "no delegate of this name", `There is one of this name at project "default/search".`, "DELEGATE_NAME", "token that it registers with")
}

func TestDelegate_waitEndsAtOnce(t *testing.T) {
	wanted := map[string]tftypes.Value{"wait_for": waitFor(map[string]tftypes.Value{"connected": truth(true)})}
	t.Run("without the permission", func(t *testing.T) {
		m := twoProjects(t)
		m.AddKey(simulator.Key{Token: testKey, AccountID: testAccount, Grants: []simulator.Grant{}})
		_, diags := m.one(t.Context(), t, inPayments("d", wanted))
		wantError(t, diags, "Unable to Read Delegate", "core_delegate_view")
		if lists := m.Counters()[listCall]; lists != 1 {
			t.Errorf("%d lists were asked for, want one", lists)
		}
	})
	t.Run("by an interruption", func(t *testing.T) {
		m := twoProjects(t)
		ctx, interrupt := context.WithCancel(t.Context())
		m.later(t, 3, interrupt)
		_, diags := m.one(ctx, t, inPayments("d", wanted))
		wantError(t, diags, "Unable to Read Delegate", "interrupted")
	})
	t.Run("not by faults that pass", func(t *testing.T) {
		m := twoProjects(t)
		m.add("payments", "d", running(release))
		m.Inject(simulator.Fault{Path: "listDelegates", Count: 2, Status: http.StatusServiceUnavailable})
		if _, diags := m.one(t.Context(), t, inPayments("d", wanted)); len(diags) > 0 {
			t.Error(diags)
		}
	})
}
