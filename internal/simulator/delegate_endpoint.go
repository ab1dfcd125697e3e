package simulator

import "time"

// delegateItem is one delegate group as the list shows it. Group and replica spell the heartbeat differently.
type delegateItem struct {
	Type          string        `json:"type"`
	Name          string        `json:"name"`
	Description   string        `json:"description"`
	Tags          []string      `json:"tags"`
	LastHeartBeat int64         `json:"lastHeartBeat"`
	Connected     bool          `json:"connected"`
	Replicas      []replicaItem `json:"delegateReplicas"`
	AutoUpgrade   string        `json:"autoUpgrade"`
	Legacy        bool          `json:"legacy"`
	OrgName       string        `json:"orgName,omitempty"`
	ProjectName   string        `json:"projectName,omitempty"`
}

type replicaItem struct {
	UUID          string `json:"uuid"`
	LastHeartbeat int64  `json:"lastHeartbeat"`
	Connected     bool   `json:"connected"`
	HostName      string `json:"hostName"`
	Version       string `json:"version"`
	ExpiringAt    int64  `json:"expiringAt"`
}

// listDelegates serves POST listDelegates.
func (s *Simulator) listDelegates(c *call) (reply, error) {
	key, at, err := s.guard(c)
	if err != nil {
		return reply{}, err
	}
	filter, err := readFilter(c)
	if err != nil {
		return reply{}, err
	}
	var broken constraints
	broken.needAccountIdentifier(c)
	if err := broken.err(); err != nil {
		return reply{}, err
	}
	if err := require(key, PermissionView, at); err != nil {
		return reply{}, err
	}
	below := c.flag("all")
	if below {
		filter = delegateFilter{}
	}
	wanted := func(other scope) bool { return other == at || (below && at.covers(other)) }
	items := []delegateItem{}
	for _, v := range s.views(wanted, filter, c.now) {
		if item := s.delegateItem(v, c.now); filter.AutoUpgrade == "" || filter.AutoUpgrade == item.AutoUpgrade {
			items = append(items, item)
		}
	}
	return ok(items), nil
}

// delegateItem shows a group.
func (s *Simulator) delegateItem(v groupView, now time.Time) delegateItem {
	item := delegateItem{
		Type:          v.Type,
		Name:          v.Name,
		Description:   v.Description,
		Tags:          v.allTags(),
		LastHeartBeat: v.lastHeartbeat,
		Connected:     v.connected > 0,
		Replicas:      v.shown,
		AutoUpgrade:   s.autoUpgrade(v.Delegate, v.kept, "", now),
		Legacy:        isLegacy(v.kept),
	}
	item.OrgName, item.ProjectName = s.scopeNames(v.Delegate)
	return item
}

// scopeNames are the display names of a group's organization and project, as far as the Manager tells them.
func (s *Simulator) scopeNames(d *Delegate) (org, project string) {
	if s.behaviour.ServerAge == ServerAgeOld || s.behaviour.DelegateScopeNames == DelegateScopeNamesAbsent {
		return "", ""
	}
	account := s.accounts[d.AccountID]
	if d.OrgID != "" {
		org = account.displayName(scope{account: d.AccountID, org: d.OrgID})
	}
	if d.ProjectID != "" {
		project = account.displayName(d.scope())
	}
	return org, project
}

func replicaItemOf(r Replica, managerBuild int, now time.Time) replicaItem {
	heartbeat := r.LastHeartbeat
	if r.Alive {
		heartbeat = now
	}
	return replicaItem{
		UUID:          r.UUID,
		LastHeartbeat: millis(heartbeat),
		Connected:     now.Sub(heartbeat) < connectedFor,
		HostName:      r.HostName,
		Version:       r.Version,
		ExpiringAt:    millis(expiry(managerBuild, r.Version, now)),
	}
}
