package simulator

import (
	"slices"
	"strings"
	"time"
)

// delegateFilter is the request body of endpoints that list delegates. Fields that the simulator does not know are ignored,
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

// readFilter decodes the body, which may be missing.
func readFilter(c *call) (delegateFilter, error) {
	var filter delegateFilter
	if len(c.body) == 0 {
		return filter, nil
	}
	if err := c.readJSON(&filter); err != nil {
		return filter, err
	}
	if !filter.valid() {
		return filter, unreadableBody()
	}
	return filter, nil
}

// valid reports whether the fields with a fixed set of values hold one of them.
func (f delegateFilter) valid() bool {
	statuses := []string{"", "CONNECTED", "DISCONNECTED", "ENABLED", "WAITING_FOR_APPROVAL", "DISABLED", "DELETED"}
	return slices.Contains([]string{"", "Delegate"}, f.FilterType) &&
		slices.Contains(statuses, f.Status) &&
		slices.Contains([]string{"", "EXPIRED", "AVAILABLE"}, f.DelegateInstanceFilter) &&
		slices.Contains([]string{"", versionExpired, "EXPIRING", "UNSUPPORTED", versionActive}, f.VersionStatus)
}

// keepsGroup applies the filters on the group.
func (f delegateFilter) keepsGroup(d *Delegate) bool {
	return strings.Contains(d.Name, f.DelegateName) &&
		strings.Contains(d.Description, f.Description) &&
		strings.Contains(d.Type, f.DelegateType) &&
		strings.Contains(d.Identifier, f.DelegateGroupIdentifier) &&
		d.hasTags(f.DelegateTags)
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
	case f.VersionStatus != "" && f.VersionStatus != versionStatus(r.ExpiringAt, now):
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
