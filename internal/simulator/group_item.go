package simulator

import (
	"strings"
	"time"
)

// groupItem is a delegate group as the endpoints about groups show it.
type groupItem struct {
	UUID              string            `json:"groupId"`
	Identifier        string            `json:"delegateGroupIdentifier"`
	Name              string            `json:"groupName"`
	Type              string            `json:"delegateType"`
	Description       string            `json:"delegateDescription"`
	ImplicitSelectors map[string]string `json:"groupImplicitSelectors"`
	CustomSelectors   []string          `json:"groupCustomSelectors"`
	LastHeartBeat     int64             `json:"lastHeartBeat"`
	Connectivity      string            `json:"connectivityStatus"`
	ActivelyConnected bool              `json:"activelyConnected"`
	GRPCActive        bool              `json:"grpcActive"`
	TokenActive       bool              `json:"tokenActive"`
	Immutable         bool              `json:"immutable"`
	Instances         []instanceItem    `json:"delegateInstanceDetails"`

	*groupUpgrades
	*groupVersions
}

// groupUpgrades are the fields that the model of the official SDK lacks.
type groupUpgrades struct {
	AutoUpgrade         string `json:"autoUpgrade"`
	UpgraderLastUpdated int64  `json:"upgraderLastUpdated"`
	ExpirationTime      int64  `json:"delegateGroupExpirationTime"`
	Version             string `json:"groupVersion,omitempty"`
}

// groupVersions are fields of newer Managers. Which of them a group without replicas has is an assumption.
type groupVersions struct {
	Unsupported bool           `json:"unsupported"`
	Status      string         `json:"delegateGroupVersionStatus,omitempty"`
	Count       map[string]int `json:"delegateVersionStatusInstanceLevelCount"`
}

// instanceItem is one replica of a group.
type instanceItem struct {
	UUID              string `json:"uuid"`
	LastHeartbeat     int64  `json:"lastHeartbeat"`
	ActivelyConnected bool   `json:"activelyConnected"`
	HostName          string `json:"hostName"`
	TokenActive       bool   `json:"tokenActive"`
	Version           string `json:"version"`
	ExpirationTime    int64  `json:"delegateExpirationTime"`

	*instanceNewer
}

// instanceNewer are fields of newer Managers. The API spells the first one with three letters l.
type instanceNewer struct {
	PollingMode   bool   `json:"polllingModeEnabled"`
	VersionStatus string `json:"delegateInstanceVersionStatus"`
	Runner        bool   `json:"runner"`
	Disabled      bool   `json:"disabled"`
}

// groupFields are the fields that groups have on the server as it is set.
func (s *Simulator) groupFields() GroupFields {
	if s.behaviour.ServerAge == ServerAgeOld && s.behaviour.GroupFields == GroupFieldsNewer {
		return GroupFieldsBase
	}
	return s.behaviour.GroupFields
}

// groupItem shows a group. That gRPC is active when the group is connected is an assumption.
func (s *Simulator) groupItem(v groupView, tokenActive bool, now time.Time) groupItem {
	item := groupItem{
		UUID:              v.UUID,
		Identifier:        v.Identifier,
		Name:              v.Name,
		Type:              v.Type,
		Description:       v.Description,
		ImplicitSelectors: map[string]string{strings.ToLower(v.Name): "GROUP_NAME"},
		CustomSelectors:   append([]string{}, v.Tags...),
		LastHeartBeat:     v.lastHeartbeat,
		Connectivity:      v.connectivity(),
		ActivelyConnected: v.connected > 0,
		GRPCActive:        v.connected > 0,
		TokenActive:       tokenActive,
		Immutable:         !isLegacy(v.kept),
		Instances:         []instanceItem{},
	}
	fields := s.groupFields()
	for _, r := range v.shown {
		item.Instances = append(item.Instances, instanceItemOf(r, tokenActive, fields, now))
	}
	if fields != GroupFieldsFew {
		item.groupUpgrades = &groupUpgrades{
			AutoUpgrade:         s.autoUpgrade(v.Delegate, v.kept, v.version(), now),
			UpgraderLastUpdated: millis(v.UpgraderLastUpdated),
			ExpirationTime:      v.expiringAt(),
			Version:             v.version(),
		}
	}
	if fields == GroupFieldsNewer {
		item.groupVersions = v.versions(now)
	}
	return item
}

func instanceItemOf(r replicaItem, tokenActive bool, fields GroupFields, now time.Time) instanceItem {
	item := instanceItem{
		UUID:              r.UUID,
		LastHeartbeat:     r.LastHeartbeat,
		ActivelyConnected: r.Connected,
		HostName:          r.HostName,
		TokenActive:       tokenActive,
		Version:           r.Version,
		ExpirationTime:    r.ExpiringAt,
	}
	if fields == GroupFieldsNewer {
		item.instanceNewer = &instanceNewer{VersionStatus: versionStatus(r.ExpiringAt, now)}
	}
	return item
}

// connectivity tells how many of the replicas are connected, in words.
func (v groupView) connectivity() string {
	switch v.connected {
	case 0:
		return "disconnected"
	case len(v.shown):
		return "connected"
	default:
		return "partially connected"
	}
}

// version is the smallest version among the connected replicas, compared as texts; empty without any.
func (v groupView) version() string {
	smallest := ""
	for _, r := range v.shown {
		if r.Connected && (smallest == "" || r.Version < smallest) {
			smallest = r.Version
		}
	}
	return smallest
}

// expiringAt is the earliest expiry among the connected replicas in milliseconds; 0 without any.
func (v groupView) expiringAt() int64 {
	var earliest int64
	for _, r := range v.shown {
		if r.Connected && (earliest == 0 || r.ExpiringAt < earliest) {
			earliest = r.ExpiringAt
		}
	}
	return earliest
}

// versions counts the replicas by the status of their version. The group's own status goes by its expiry.
func (v groupView) versions(now time.Time) *groupVersions {
	versions := &groupVersions{Count: map[string]int{}}
	for _, r := range v.shown {
		versions.Count[versionStatus(r.ExpiringAt, now)]++
	}
	if at := v.expiringAt(); at != 0 {
		versions.Status = versionStatus(at, now)
	}
	return versions
}
