package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

const listDelegatesPath = "/ng/api/delegate-setup/listDelegates"

// The values of a delegate's auto-upgrade status. A Manager may tell others.
const (
	// AutoUpgradeOn: an upgrader has asked for the delegate in the last hour and
	// a half. It says nothing about the image that the delegate runs.
	AutoUpgradeOn = "ON"
	// AutoUpgradeOff: none has.
	AutoUpgradeOff = "OFF"
	// AutoUpgradeDetecting: the delegate is too young to tell.
	AutoUpgradeDetecting = "DETECTING"
)

// MaxListAge is for how long data sources share what ForgetDelegates drops. It is
// long enough for the data sources of one plan, which are read together, and short
// enough for one that is read after a resource that has taken minutes.
const MaxListAge = 20 * time.Second

// DelegateQuery is what a list of delegates is asked for.
type DelegateQuery struct {
	Scope delegate.Scope
	// Below asks for the delegates of the organizations and projects at the scope
	// too. The Manager then takes no filter.
	Below bool
	// VersionStatus restricts the list by the Manager's own judgement of the
	// versions (EXPIRED, EXPIRING, UNSUPPORTED, ACTIVE), which it doesn't tell
	// otherwise. Without effect together with Below.
	VersionStatus string
}

// ListedDelegate is a delegate as the Manager lists it: a group of replicas
// under one name.
type ListedDelegate struct {
	Name        string
	Type        string
	Description string
	// Tags are the delegate's own and its name in lower case.
	Tags      delegate.Tags
	Connected bool
	// LastHeartbeat is zero where there was none.
	LastHeartbeat time.Time
	Replicas      []Replica
	// AutoUpgrade is the Manager's status: ON, OFF, DETECTING, or what a newer
	// Manager says.
	AutoUpgrade string
	// Legacy is the mutable image, which upgrades itself; also a group without
	// replicas.
	Legacy bool
	// OrgName and ProjectName are names, not identifiers, and empty where the
	// delegate lives above, or the Manager doesn't tell.
	OrgName     string
	ProjectName string
}

// Replica is one running instance of a delegate.
type Replica struct {
	UUID          string
	HostName      string
	Version       string
	Connected     bool
	LastHeartbeat time.Time
	// ExpiringAt is when the Manager takes the version for expired. It is counted
	// from the time of the request and slides with it: not to be kept.
	ExpiringAt time.Time
}

// listedRow is a delegate on the wire. Group and replica spell the heartbeat
// differently.
type listedRow struct {
	Type          string       `json:"type"`
	Name          string       `json:"name"`
	Description   string       `json:"description"`
	Tags          []string     `json:"tags"`
	LastHeartBeat wireTime     `json:"lastHeartBeat"`
	Connected     bool         `json:"connected"`
	Replicas      []replicaRow `json:"delegateReplicas"`
	AutoUpgrade   string       `json:"autoUpgrade"`
	Legacy        bool         `json:"legacy"`
	OrgName       string       `json:"orgName"`
	ProjectName   string       `json:"projectName"`
}

type replicaRow struct {
	UUID          string   `json:"uuid"`
	LastHeartbeat wireTime `json:"lastHeartbeat"`
	Connected     bool     `json:"connected"`
	HostName      string   `json:"hostName"`
	Version       string   `json:"version"`
	ExpiringAt    wireTime `json:"expiringAt"`
}

// Delegates lists delegates. The list is remembered until ForgetDelegates;
// FreshDelegates asks again.
func (c *Client) Delegates(ctx context.Context, query DelegateQuery) ([]ListedDelegate, error) {
	return c.delegates.get(ctx, query, func(ctx context.Context) ([]ListedDelegate, error) {
		return c.listDelegates(ctx, query)
	})
}

// FreshDelegates lists delegates as they are now, whatever was read before.
func (c *Client) FreshDelegates(ctx context.Context, query DelegateQuery) ([]ListedDelegate, error) {
	c.delegates.forget(query, 0)
	return c.Delegates(ctx, query)
}

// ForgetDelegates drops the lists of delegates, and of the organizations and
// projects in which they live, that were asked for at least age ago. Delegates
// come and go without this client, in the middle of an apply, too.
func (c *Client) ForgetDelegates(age time.Duration) {
	c.delegates.forgetAll(age)
	c.groups.forgetAll(age)
	c.orgs.forgetAll(age)
	c.projects.forgetAll(age)
}

func (c *Client) listDelegates(ctx context.Context, query DelegateQuery) ([]ListedDelegate, error) {
	r := request{method: http.MethodPost, path: listDelegatesPath, query: scopeQuery(query.Scope), retry: retryReads}
	if query.Below {
		r.query.Set("all", "true")
	}
	// The one field that the API description calls required, and the status.
	filter, err := json.Marshal(struct {
		FilterType    string `json:"filterType"`
		VersionStatus string `json:"versionStatus,omitempty"`
	}{"Delegate", query.VersionStatus})
	if err != nil {
		return nil, fmt.Errorf("preparing %s %s: %w", r.method, r.path, err)
	}
	r.body = filter
	body, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	rows, err := decode[[]listedRow](r, body)
	if err != nil {
		return nil, err
	}
	listed := make([]ListedDelegate, len(rows))
	for i, row := range rows {
		listed[i] = row.delegate()
	}
	return listed, nil
}

func (row listedRow) delegate() ListedDelegate {
	listed := ListedDelegate{
		Name: row.Name, Type: row.Type, Description: row.Description, Tags: delegate.NewTags(row.Tags...),
		Connected: row.Connected, LastHeartbeat: time.Time(row.LastHeartBeat),
		AutoUpgrade: row.AutoUpgrade, Legacy: row.Legacy, OrgName: row.OrgName, ProjectName: row.ProjectName,
	}
	for _, r := range row.Replicas {
		listed.Replicas = append(listed.Replicas, Replica{
			UUID: r.UUID, HostName: r.HostName, Version: r.Version, Connected: r.Connected,
			LastHeartbeat: time.Time(r.LastHeartbeat), ExpiringAt: time.Time(r.ExpiringAt),
		})
	}
	return listed
}
