package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// statuses are what both lists say of the only delegate of the account: that of delegates, then that of groups.
func (m *manager) statuses() [2]string {
	m.t.Helper()
	return [2]string{m.list("", "")[0].AutoUpgrade, m.groups("").DelegateGroupDetails[0].AutoUpgrade}
}

func TestAutoUpgradeStatus(t *testing.T) {
	const (
		minute = time.Minute
		never  = -1
	)
	tests := map[string]struct {
		created, called time.Duration // How long ago; a negative call never happened.
		kind, version   string
		legacy, empty   bool
		want            string
		group           string // Where groups show something else.
	}{
		"just installed":                       {created: 0, called: never, want: "DETECTING"},
		"installed 90:00 minutes ago":          {created: 90 * minute, called: never, want: "DETECTING"},
		"installed 90:59 minutes ago":          {created: 91*minute - time.Second, called: never, want: "DETECTING"},
		"installed 91:00 minutes ago":          {created: 91 * minute, called: never, want: "OFF"},
		"called just now":                      {created: 300 * minute, called: 0, want: "ON"},
		"called 90:00 minutes ago":             {created: 300 * minute, called: 90 * minute, want: "ON"},
		"called 90:59 minutes ago":             {created: 300 * minute, called: 91*minute - time.Second, want: "ON"},
		"called 91:00 minutes ago":             {created: 300 * minute, called: 91 * minute, want: "OFF"},
		"call long ago, new replica":           {created: 10 * minute, called: 91 * minute, want: "DETECTING"},
		"docker is off":                        {created: 0, called: 0, kind: "DOCKER", want: "OFF"},
		"docker of an old version is off":      {created: 0, called: 0, kind: "DOCKER", version: "23.01.76200", want: "OFF"},
		"legacy docker is off":                 {created: 0, called: 0, kind: "DOCKER", legacy: true, want: "OFF"},
		"legacy is on":                         {created: 300 * minute, called: never, legacy: true, want: "ON"},
		"without replicas it counts as legacy": {called: never, empty: true, want: "ON"},
		"docker without replicas is off":       {called: never, empty: true, kind: "DOCKER", want: "OFF"},
		"build 76299":                          {created: 0, called: 0, version: "22.09.76299", want: "ON", group: "OFF"},
		"build 76299 just installed":           {created: 0, called: never, version: "22.09.76299", want: "DETECTING", group: "OFF"},
		"build 76300":                          {created: 0, called: 0, version: "22.09.76300", want: "ON"},
		"legacy of build 76299":                {created: 0, called: never, version: "1.0.76299", legacy: true, want: "ON", group: "OFF"},
		"build that is not a number":           {created: 0, called: 0, version: "22.09.76299-ubi9", want: "ON"},
		"version without a build":              {created: 0, called: 0, version: "latest", want: "ON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			d := simulator.Delegate{AccountID: account, Name: "d1", Type: test.kind}
			if !test.empty {
				oldest := simulator.Replica{CreatedAt: start.Add(-test.created), Legacy: test.legacy, Version: test.version}
				youngest := oldest
				youngest.CreatedAt = start
				d.Replicas = []simulator.Replica{oldest, youngest}
			}
			if test.called >= 0 {
				d.UpgraderLastUpdated = start.Add(-test.called)
			}
			m.AddDelegate(d)
			group := test.want
			if test.group != "" {
				group = test.group
			}
			wantEqual(t, m.statuses(), [2]string{test.want, group})
			wantEqual(t, m.list("", "")[0].Legacy, test.legacy || test.empty)
			wantEqual(t, m.groups("").DelegateGroupDetails[0].Immutable, !test.legacy && !test.empty)
		})
	}
}

// TestOldVersionCountsWhileConnected shows that a replica that is gone does not make its group one of an old version.
func TestOldVersionCountsWhileConnected(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", UpgraderLastUpdated: start, Replicas: []simulator.Replica{
		{Version: "22.09.76200"}, {Version: latestVersion, Alive: true},
	}})
	wantEqual(t, m.statuses(), [2]string{"ON", "OFF"})
	m.Advance(5 * time.Minute)
	wantEqual(t, m.statuses(), [2]string{"ON", "ON"})
}

// phase is a status from some minute after the installation on.
type phase struct {
	from   int
	status string
}

// TestAutoUpgradeTimelines follows a delegate for six hours, minute by minute. At some of them its upgrader asks, and then
// changes nothing: the status goes by the question alone.
func TestAutoUpgradeTimelines(t *testing.T) {
	const hours = 6
	every := func(minutes, until int) []int {
		runs := []int{}
		for minute := minutes; minute <= until; minute += minutes {
			runs = append(runs, minute)
		}
		return runs
	}
	forever := 60 * hours
	tests := map[string]struct {
		runs []int
		want []phase
	}{
		"every 15 minutes":         {every(15, forever), []phase{{0, "DETECTING"}, {15, "ON"}}},
		"hourly":                   {every(60, forever), []phase{{0, "DETECTING"}, {60, "ON"}}},
		"every 90 minutes":         {every(90, forever), []phase{{0, "DETECTING"}, {90, "ON"}}},
		"every 91 minutes":         {every(91, forever), []phase{{0, "DETECTING"}, {91, "ON"}}},
		"every 92 minutes":         {every(92, 184), []phase{{0, "DETECTING"}, {91, "OFF"}, {92, "ON"}, {183, "OFF"}, {184, "ON"}, {275, "OFF"}}},
		"every 2 hours":            {every(120, forever), []phase{{0, "DETECTING"}, {91, "OFF"}, {120, "ON"}, {211, "OFF"}, {240, "ON"}, {331, "OFF"}, {360, "ON"}}},
		"suspended at install":     {nil, []phase{{0, "DETECTING"}, {91, "OFF"}}},
		"suspended after two runs": {[]int{60, 120}, []phase{{0, "DETECTING"}, {60, "ON"}, {211, "OFF"}}},
		"resumed":                  {[]int{60, 240}, []phase{{0, "DETECTING"}, {60, "ON"}, {151, "OFF"}, {240, "ON"}, {331, "OFF"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{{Alive: true}}})
			follow(m, hours, test.want, test.runs, func() { m.imageOf("default_token", "d1") })
		})
	}
}

// TestTimelineOfARevokedToken shows that an upgrader that is turned away does not count as one that asked.
func TestTimelineOfARevokedToken(t *testing.T) {
	for name, test := range map[string]struct {
		revokedAt int
		want      []phase
	}{
		"before the first run": {0, []phase{{0, "DETECTING"}, {91, "OFF"}}},
		"after two runs":       {150, []phase{{0, "DETECTING"}, {60, "ON"}, {211, "OFF"}}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.AddDelegateToken(simulator.DelegateToken{
				AccountID: account, Name: "t", RevokeAfter: start.Add(time.Duration(test.revokedAt) * time.Minute),
			})
			m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", TokenName: "t", Replicas: []simulator.Replica{{Alive: true}}})
			asked := "accountId=" + account + "&currentDelegateImageTag=" + latestImage + "&delegateGroupName=d1"
			secret := secretOf(t, m.value("t"))
			follow(m, 6, test.want, []int{60, 120, 180, 240, 300, 360}, func() {
				header := http.Header{"Authorization": {"Delegate " + encrypted(t, secret, m.claims())}}
				m.send("GET", checkPath+"?"+asked, "", header)
			})
		})
	}
}

// follow checks the status in both lists at each minute, and at its last second.
func follow(m *manager, hours int, want []phase, runs []int, run func()) {
	m.t.Helper()
	current := 0
	for minute := range 60*hours + 1 {
		m.SetTime(start.Add(time.Duration(minute) * time.Minute))
		for len(runs) > 0 && runs[0] == minute {
			runs = runs[1:]
			run()
		}
		if current+1 < len(want) && want[current+1].from == minute {
			current++
		}
		status := want[current].status
		for range 2 {
			if got := m.statuses(); got != [2]string{status, status} {
				m.t.Fatalf("status after %s is %v, want %s", m.Now().Sub(start), got, status)
			}
			m.Advance(59 * time.Second)
		}
	}
}
