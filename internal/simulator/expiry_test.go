package simulator_test

import (
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

func TestExpirySlides(t *testing.T) {
	tests := []struct {
		manager int
		version string
		weeks   int
		status  string
	}{
		{84200, "24.05.84200", 24, "ACTIVE"},
		{84200, "24.04.82804", 10, "ACTIVE"},
		{84200, "24.04.82804.minimal", 10, "ACTIVE"},
		{84200, "23.12.81803", 0, "ACTIVE"}, // It expires in this very moment.
		{84200, "23.11.81700", -1, "EXPIRED"},
		{84200, "25.11.87301-ubi9-beta", 24, "ACTIVE"},
		{84200, "latest", 24, "ACTIVE"},
		{81800, "24.04.82804", 34, "ACTIVE"},
		{0, "24.04.82804", 24, "ACTIVE"}, // The account's latest version stands for the Manager.
	}
	for _, test := range tests {
		t.Run(test.version, func(t *testing.T) {
			m := newManager(t)
			m.adjust(func(b *simulator.Behaviour) { b.ManagerBuild = test.manager })
			m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{{Version: test.version, Alive: true}}})
			for _, step := range []time.Duration{0, day, time.Second, 400 * day} {
				m.Advance(step)
				want := m.Now().AddDate(0, 0, 7*test.weeks).UnixMilli()
				wantEqual(t, m.list("", "")[0].DelegateReplicas[0].ExpiringAt, want)
				shown := m.groups("").DelegateGroupDetails[0]
				wantEqual(t, shown.DelegateGroupExpirationTime, want)
				wantEqual(t, shown.DelegateInstanceDetails[0].DelegateExpirationTime, want)
				wantEqual(t, shown.DelegateGroupVersionStatus, test.status)
				wantEqual(t, shown.DelegateInstanceDetails[0].DelegateInstanceVersionStatus, test.status)
			}
		})
	}
}

// TestExpiryOfGroupIsThatOfItsOldestReplica shows that replicas that are gone don't count, and that without any there is none.
func TestExpiryOfGroupIsThatOfItsOldestReplica(t *testing.T) {
	m := newManager(t)
	m.adjust(func(b *simulator.Behaviour) { b.ManagerBuild = 84200 })
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{
		{Version: "24.05.84200"},
		{Version: "24.04.82804"},
		{Version: "23.11.81700", LastHeartbeat: start.Add(-time.Hour)},
	}})
	expiry := func() int64 { return m.groups("").DelegateGroupDetails[0].DelegateGroupExpirationTime }
	wantEqual(t, expiry(), start.AddDate(0, 0, 70).UnixMilli())
	m.Advance(5 * time.Minute)
	wantEqual(t, expiry(), int64(0))
}

// TestReleaseMakesDelegatesOlder shows that expiry is no property of a version: what is new counts.
func TestReleaseMakesDelegatesOlder(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{{Version: latestVersion}}})
	wantEqual(t, names(m.list("", `{"versionStatus":"ACTIVE"}`)), []string{"d1"})
	wantEqual(t, m.Release(account, "25.02.85300"), true)
	wantEqual(t, names(m.list("", `{"versionStatus":"ACTIVE"}`)), []string{})
	wantEqual(t, names(m.list("", `{"versionStatus":"EXPIRED"}`)), []string{"d1"})
}
