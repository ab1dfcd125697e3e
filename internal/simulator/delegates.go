package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// typeDocker is the delegate type of Docker and ECS delegates.
const typeDocker = "DOCKER"

// connectedFor is how long a replica counts as connected after its last heartbeat.
const connectedFor = 5 * time.Minute

// Delegate is a delegate group: one name at one scope with its replicas.
type Delegate struct {
	AccountID string `json:"accountId"`
	OrgID     string `json:"orgId,omitempty"`
	ProjectID string `json:"projectId,omitempty"`
	Name      string `json:"name"`
	// UUID is the internal identifier of the group. Empty keeps that of the group it replaces, else makes a random one.
	UUID string `json:"uuid,omitempty"`
	// Identifier is the group identifier; the name if empty.
	Identifier  string `json:"identifier,omitempty"`
	Description string `json:"description,omitempty"`
	// Type is KUBERNETES, which is the default, HELM_DELEGATE, DOCKER or another of Harness's types.
	Type string `json:"type,omitempty"`
	// Tags are the custom tags; the name counts as a tag without being listed here.
	Tags []string `json:"tags,omitempty"`
	// TokenName is the delegate token it registered with; the default token of its scope if empty.
	TokenName string `json:"tokenName,omitempty"`
	// UpgraderLastUpdated is when an upgrader last asked for this group; zero is never.
	UpgraderLastUpdated time.Time `json:"upgraderLastUpdated,omitzero"`
	// Deleted hides the group from lists.
	Deleted  bool      `json:"deleted,omitempty"`
	Replicas []Replica `json:"replicas,omitempty"`
}

// Replica is one running instance of a delegate.
type Replica struct {
	// UUID is random if empty.
	UUID string `json:"uuid,omitempty"`
	// HostName is made from the delegate's name if empty.
	HostName string `json:"hostName,omitempty"`
	// Image is the image it runs.
	Image string `json:"image,omitempty"`
	// Version is the delegate version it reports; the tag of Image if empty.
	Version string `json:"version,omitempty"`
	// CreatedAt is when it registered; the time of adding if zero.
	CreatedAt time.Time `json:"createdAt,omitzero"`
	// LastHeartbeat is the time of adding if zero.
	LastHeartbeat time.Time `json:"lastHeartbeat,omitzero"`
	// Alive replicas send heartbeats all the time, so that LastHeartbeat is always now.
	Alive bool `json:"alive,omitempty"`
	// Legacy replicas run the mutable image, which upgrades itself.
	Legacy bool `json:"legacy,omitempty"`
}

func (d Delegate) scope() scope {
	return scope{account: d.AccountID, org: d.OrgID, project: d.ProjectID}
}

// allTags are the custom tags and the lower-cased name.
func (d Delegate) allTags() []string {
	return append(slices.Clone(d.Tags), strings.ToLower(d.Name))
}

// hasTags reports whether the group has all those tags, its name counted.
func (d Delegate) hasTags(wanted []string) bool {
	tags := d.allTags()
	return !slices.ContainsFunc(wanted, func(tag string) bool { return !slices.Contains(tags, tag) })
}

func (d Delegate) clone() Delegate {
	d.Tags = slices.Clone(d.Tags)
	d.Replicas = slices.Clone(d.Replicas)
	return d
}

// Validate refuses delegates that could not be listed.
func (d Delegate) Validate() error {
	switch {
	case d.AccountID == "":
		return fmt.Errorf("delegate %q has no account", d.Name)
	case d.Name == "":
		return fmt.Errorf("delegate of account %s has no name", d.AccountID)
	}
	return nil
}

// AddDelegate adds a delegate group or replaces the one with the same name at the same scope.
func (s *Simulator) AddDelegate(d Delegate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addDelegate(d)
}

func (s *Simulator) addDelegate(d Delegate) {
	d = d.clone()
	d.Identifier = cmp.Or(d.Identifier, d.Name)
	d.Type = cmp.Or(d.Type, "KUBERNETES")
	d.TokenName = cmp.Or(d.TokenName, defaultTokenName(d.scope()))
	now := s.clock.now()
	for i := range d.Replicas {
		r := &d.Replicas[i]
		r.UUID = cmp.Or(r.UUID, newUniqueID())
		r.HostName = cmp.Or(r.HostName, d.Name+"-"+strconv.Itoa(i))
		r.Version = cmp.Or(r.Version, imageTag(r.Image))
		if r.CreatedAt.IsZero() {
			r.CreatedAt = now
		}
		if r.LastHeartbeat.IsZero() {
			r.LastHeartbeat = now
		}
	}
	same := func(other *Delegate) bool { return other.Name == d.Name && other.scope() == d.scope() }
	if i := slices.IndexFunc(s.delegates, same); i >= 0 {
		d.UUID = cmp.Or(d.UUID, s.delegates[i].UUID)
		s.delegates[i] = &d
		return
	}
	d.UUID = cmp.Or(d.UUID, newUniqueID())
	s.delegates = append(s.delegates, &d)
}

// Delegates returns the delegate groups of an account in the order they were added, deleted ones included.
func (s *Simulator) Delegates(accountID string) []Delegate {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []Delegate{}
	for _, d := range s.delegates {
		if d.AccountID == accountID {
			found = append(found, d.clone())
		}
	}
	return found
}

// RunUpgrader does what the upgrader of a delegate does in one run, for every group of the account with that name:
// it asks for the image and moves all replicas to it. It reports how many groups there are.
func (s *Simulator) RunUpgrader(accountID, delegateName string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	s.sweep(now)
	groups := s.recordUpgraderCall(accountID, delegateName, now)
	for _, d := range groups {
		image := s.resolve(d.scope(), s.tagsOf(d.Name, d.Tags), now)
		for i := range d.Replicas {
			if r := &d.Replicas[i]; image != "" && r.Image != image {
				r.Image, r.Version = image, imageTag(image)
				r.UUID, r.CreatedAt, r.LastHeartbeat = newUniqueID(), now, now
			}
		}
	}
	return len(groups)
}

// recordUpgraderCall notes on every group with the name, whatever its scope, that an upgrader asked.
func (s *Simulator) recordUpgraderCall(accountID, delegateName string, now time.Time) []*Delegate {
	groups := []*Delegate{}
	for _, d := range s.delegates {
		if d.AccountID == accountID && d.Name == delegateName && !d.Deleted {
			d.UpgraderLastUpdated = now
			groups = append(groups, d)
		}
	}
	return groups
}

// imageTag is the text after the last colon behind the last slash, without a digest.
func imageTag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name := image[strings.LastIndex(image, "/")+1:]
	_, tag, _ := strings.Cut(name, ":")
	return tag
}
