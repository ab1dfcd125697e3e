package simulator

import (
	"cmp"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// delegateFilter is the request body of listDelegates. Fields that the simulator does not know are ignored,
// as the Manager does; of the newer ones, runner and the map of tags have no effect here.
type delegateFilter struct {
	FilterType              string   `json:"filterType"`
	Status                  string   `json:"status"`
	DelegateName            string   `json:"delegateName"`
	Description             string   `json:"description"`
	DelegateType            string   `json:"delegateType"`
	DelegateGroupIdentifier string   `json:"delegateGroupIdentifier"`
	HostName                string   `json:"hostName"`
	DelegateTags            []string `json:"delegateTags"`
	DelegateInstanceFilter  string   `json:"delegateInstanceFilter"`
	AutoUpgrade             string   `json:"autoUpgrade"`
	VersionStatus           string   `json:"versionStatus"`
}

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
	items := []delegateItem{}
	for _, d := range s.delegates {
		inScope := d.scope() == at || (below && at.covers(d.scope()))
		if d.Deleted || !inScope {
			continue
		}
		if item, shown := s.delegateItem(d, filter, c.now); shown {
			items = append(items, item)
		}
	}
	slices.SortStableFunc(items, connectedFirst)
	return ok(items), nil
}

func connectedFirst(a, b delegateItem) int {
	switch {
	case a.Connected == b.Connected:
		return cmp.Compare(a.Name, b.Name)
	case a.Connected:
		return -1
	default:
		return 1
	}
}

// readFilter decodes the body, which may be missing. The replies to a wrong media type and to a body that cannot be read
// are assumptions.
func readFilter(c *call) (delegateFilter, error) {
	var filter delegateFilter
	if len(c.body) == 0 {
		return filter, nil
	}
	media, _, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil || media != contentTypeJSON {
		return filter, errorOf(http.StatusUnsupportedMediaType, codeUnknownError, "HTTP 415 Unsupported Media Type")
	}
	if err := json.Unmarshal(c.body, &filter); err != nil || !filter.valid() {
		return filter, invalidRequest("Unable to process JSON")
	}
	return filter, nil
}

// valid reports whether the fields with a fixed set of values hold one of them.
func (f delegateFilter) valid() bool {
	statuses := []string{"", "CONNECTED", "DISCONNECTED", "ENABLED", "WAITING_FOR_APPROVAL", "DISABLED", "DELETED"}
	return slices.Contains([]string{"", "Delegate"}, f.FilterType) &&
		slices.Contains(statuses, f.Status) &&
		slices.Contains([]string{"", "EXPIRED", "AVAILABLE"}, f.DelegateInstanceFilter) &&
		slices.Contains([]string{"", "EXPIRED", "EXPIRING", "UNSUPPORTED", "ACTIVE"}, f.VersionStatus)
}

// keepsGroup applies the filters on the group.
func (f delegateFilter) keepsGroup(d *Delegate) bool {
	tags := append(slices.Clone(d.Tags), strings.ToLower(d.Name))
	missing := func(tag string) bool { return !slices.Contains(tags, tag) }
	return strings.Contains(d.Name, f.DelegateName) &&
		strings.Contains(d.Description, f.Description) &&
		strings.Contains(d.Type, f.DelegateType) &&
		strings.Contains(d.Identifier, f.DelegateGroupIdentifier) &&
		!slices.ContainsFunc(f.DelegateTags, missing)
}

// keepsReplica applies the filters on one replica. The threshold of EXPIRING and the meaning of UNSUPPORTED are not public:
// here no version is either.
func (f delegateFilter) keepsReplica(r replicaItem, now time.Time) bool {
	expired := r.ExpiringAt < millis(now)
	switch {
	case f.Status == "CONNECTED" && !r.Connected, f.Status == "DISCONNECTED" && r.Connected:
		return false
	case f.DelegateInstanceFilter == "EXPIRED" && !expired, f.DelegateInstanceFilter == "AVAILABLE" && expired:
		return false
	case f.VersionStatus == "EXPIRED" && !expired, f.VersionStatus == "ACTIVE" && expired:
		return false
	case f.VersionStatus == "EXPIRING", f.VersionStatus == "UNSUPPORTED":
		return false
	default:
		return f.HostName == "" || f.HostName == r.HostName
	}
}

// dropsEmptyGroups reports whether a group without a replica left is dropped too.
func (f delegateFilter) dropsEmptyGroups() bool {
	instances := f.Status == "CONNECTED" || f.Status == "DISCONNECTED"
	return instances || f.DelegateInstanceFilter != "" || f.VersionStatus != ""
}

// delegateItem shows a group with the replicas that the filter leaves, and reports whether it is in the list at all.
func (s *Simulator) delegateItem(d *Delegate, filter delegateFilter, now time.Time) (delegateItem, bool) {
	account := s.accounts[d.AccountID]
	if account == nil || !filter.keepsGroup(d) {
		return delegateItem{}, false
	}
	item := delegateItem{
		Type:        d.Type,
		Name:        d.Name,
		Description: d.Description,
		Tags:        append(slices.Clone(d.Tags), strings.ToLower(d.Name)),
		Replicas:    []replicaItem{},
	}
	kept := []Replica{}
	for _, r := range d.Replicas {
		shown := replicaItemOf(r, s.managerBuild(d.AccountID), now)
		if !filter.keepsReplica(shown, now) {
			continue
		}
		kept = append(kept, r)
		item.Replicas = append(item.Replicas, shown)
		item.Connected = item.Connected || shown.Connected
		item.LastHeartBeat = max(item.LastHeartBeat, shown.LastHeartbeat)
	}
	item.AutoUpgrade = s.autoUpgrade(d, kept, now)
	item.Legacy = isLegacy(kept)
	if d.OrgID != "" {
		item.OrgName = account.displayName(scope{account: d.AccountID, org: d.OrgID})
	}
	if d.ProjectID != "" {
		item.ProjectName = account.displayName(d.scope())
	}
	dropped := len(kept) == 0 && filter.dropsEmptyGroups()
	return item, !dropped && (filter.AutoUpgrade == "" || filter.AutoUpgrade == item.AutoUpgrade)
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
