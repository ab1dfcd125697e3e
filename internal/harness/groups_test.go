package harness_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const groupsCall = "GET /api/setup/delegates/ng/v2"

func TestGroups(t *testing.T) {
	for name, tc := range map[string]struct {
		reply string
		want  []harness.Group
	}{
		"all fields": {
			`{"metaData":{},"resource":{"delegateGroupDetails":[
				{"groupId":"x","delegateGroupIdentifier":"payments_1","groupName":"payments-delegate","upgraderLastUpdated":1717426800000,"groupCustomSelectors":[]},
				{"delegateGroupIdentifier":"idle","groupName":"idle","upgraderLastUpdated":0}],"autoUpgradeOffCount":1},"responseMessages":[]}`,
			[]harness.Group{
				{Identifier: "payments_1", Name: "payments-delegate", UpgraderAsked: time.Date(2024, time.June, 3, 15, 0, 0, 0, time.UTC)},
				{Identifier: "idle", Name: "idle"},
			},
		},
		"few fields":          {`{"resource":{"delegateGroupDetails":[{"groupName":"a"}]}}`, []harness.Group{{Name: "a"}}},
		"without an envelope": {`{"delegateGroupDetails":[{"groupName":"a"}]}`, []harness.Group{{Name: "a"}}},
		"none":                {`{"resource":{"delegateGroupDetails":[]}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := replying(t, tc.reply).Groups(t.Context(), atProject)
			if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	for _, reply := range []string{`<html></html>`, `{"resource":null}`, `{"groups":[]}`, `{"resource":[]}`} {
		_, err := replying(t, reply).Groups(t.Context(), atProject)
		wantError[*harness.ReplyError](t, err)
	}
}

// The list is of exactly the scope asked for, under the names that this part of
// the API has for it, and is remembered until it is forgotten.
func TestGroups_scopes(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "a"})
	m.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "default", Name: "o"})
	m.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "default", ProjectID: "payments", Name: "p"})
	client := m.client(t)
	ask := func(name string, want int) {
		t.Helper()
		scope := map[string]func() ([]harness.Group, error){
			"a": func() ([]harness.Group, error) { return client.Groups(t.Context(), atAccount) },
			"o": func() ([]harness.Group, error) { return client.Groups(t.Context(), atOrg) },
			"p": func() ([]harness.Group, error) { return client.Groups(t.Context(), atProject) },
		}[name]
		if got, err := scope(); err != nil || len(got) != 1 || got[0].Name != name {
			t.Errorf("got %v, %v; want %s", got, err, name)
		}
		wantCalls(t, m.Simulator, groupsCall, want)
	}
	ask("a", 1)
	ask("o", 2)
	ask("p", 3)
	ask("p", 3)
	client.ForgetGroups(atProject)
	ask("o", 3)
	ask("p", 4)
	client.ForgetDelegates(0)
	ask("a", 5)
}

func TestGroups_refused(t *testing.T) {
	m := newManager(t)
	behaviour := m.Behaviour()
	behaviour.CGAPIKey = simulator.CGAPIKeyRefused
	m.SetBehaviour(behaviour)
	if _, err := m.client(t).Groups(t.Context(), atAccount); !asError[*harness.APIError](t, err).Unauthorized() {
		t.Errorf("got %v", err)
	}
	wantCalls(t, m.Simulator, groupsCall, 1)
}

// A scope with many delegates is read in pages, whether the Manager knows pages
// or not, and also where the last page is full.
func TestGroups_pages(t *testing.T) {
	for _, pages := range []simulator.CGPages{simulator.CGPagesOptional, simulator.CGPagesAlways} {
		for _, count := range []int{99, 100, 101, 250} {
			m := newManager(t)
			behaviour := m.Behaviour()
			behaviour.CGPages = pages
			m.SetBehaviour(behaviour)
			for i := range count {
				m.AddDelegate(simulator.Delegate{AccountID: account, Name: fmt.Sprintf("d%03d", i)})
			}
			got, err := m.client(t).Groups(t.Context(), atAccount)
			if err != nil || len(got) != count {
				t.Errorf("%s pages: %d of %d delegates, %v", pages, len(got), count, err)
			}
		}
	}
	same := make([]string, 100)
	for i := range same {
		same[i] = fmt.Sprintf(`{"groupName":"d%d"}`, i)
	}
	got, err := replying(t, `{"resource":{"delegateGroupDetails":[`+strings.Join(same, ",")+`]}}`).Groups(t.Context(), atAccount)
	if err != nil || len(got) != 100 {
		t.Errorf("a Manager without pages: %d delegates, %v", len(got), err)
	}
}
