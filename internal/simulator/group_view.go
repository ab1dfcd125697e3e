package simulator

import (
	"cmp"
	"slices"
	"time"
)

// groupView is a delegate group at one moment, with those of its replicas that a filter leaves.
type groupView struct {
	*Delegate
	// kept are these replicas, and shown is how they look, in the same order.
	kept  []Replica
	shown []replicaItem
	// connected is how many of them are.
	connected int
	// lastHeartbeat is their latest in milliseconds, 0 without any.
	lastHeartbeat int64
}

// views lists the groups at the scopes wanted that the filter leaves: connected ones first, then by name.
// The filter's auto-upgrade status is not looked at, because it depends on who asks.
func (s *Simulator) views(wanted func(scope) bool, filter delegateFilter, now time.Time) []groupView {
	views := []groupView{}
	for _, d := range s.delegates {
		if d.Deleted || !wanted(d.scope()) {
			continue
		}
		if v, listed := s.view(d, filter, now); listed {
			views = append(views, v)
		}
	}
	slices.SortStableFunc(views, func(a, b groupView) int {
		return cmp.Or(cmp.Compare(min(b.connected, 1), min(a.connected, 1)), cmp.Compare(a.Name, b.Name))
	})
	return views
}

// view applies a filter to one group and reports whether it is left.
func (s *Simulator) view(d *Delegate, filter delegateFilter, now time.Time) (groupView, bool) {
	if s.accounts[d.AccountID] == nil || !filter.keepsGroup(d) {
		return groupView{}, false
	}
	v := groupView{Delegate: d, shown: []replicaItem{}}
	build := s.managerBuild(d.AccountID)
	for _, r := range d.Replicas {
		shown := replicaItemOf(r, build, now)
		if !filter.keepsReplica(shown, now) {
			continue
		}
		v.kept, v.shown = append(v.kept, r), append(v.shown, shown)
		v.lastHeartbeat = max(v.lastHeartbeat, shown.LastHeartbeat)
		if shown.Connected {
			v.connected++
		}
	}
	return v, len(v.kept) > 0 || !filter.dropsEmptyGroups()
}
