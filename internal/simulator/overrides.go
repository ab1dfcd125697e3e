package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Terms of validity in days.
const (
	maxDays        = 180
	defaultDays    = 180
	maxDaysOld     = 90
	defaultDaysOld = 30
)

// harnessImagePrefix marks the images that an old server keeps apart from custom ones.
const harnessImagePrefix = "harness/delegate"

// Override names the image that upgraders of the delegates it reaches are told to run.
type Override struct {
	AccountID string `json:"accountId"`
	OrgID     string `json:"orgId,omitempty"`
	ProjectID string `json:"projectId,omitempty"`
	// Tags makes this the tagged override of its scope, none the untagged one.
	Tags []string `json:"tags,omitempty"`
	// Version is the full image reference.
	Version string `json:"version"`
	// ValidTillNextRelease ends the override when Harness publishes a new delegate version to the account.
	ValidTillNextRelease bool `json:"validTillNextRelease,omitempty"`
	// ValidUntil is when the override expires. Nil means never while ValidTillNextRelease is set, else the default term from now.
	ValidUntil *time.Time `json:"validUntil,omitempty"`
}

func (o Override) scope() scope {
	return scope{account: o.AccountID, org: o.OrgID, project: o.ProjectID}
}

// overrideType is the internal type that an old server derives from the image.
func (o Override) overrideType() string {
	if strings.HasPrefix(o.Version, harnessImagePrefix) {
		return "DELEGATE_IMAGE_TAG"
	}
	return "DELEGATE_CUSTOM_IMAGE_TAG"
}

// expired reports whether the term of the override has passed.
func (o Override) expired(now time.Time) bool {
	return o.ValidUntil != nil && !now.Before(*o.ValidUntil)
}

func (o Override) clone() Override {
	o.Tags = slices.Clone(o.Tags)
	if o.ValidUntil != nil {
		until := *o.ValidUntil
		o.ValidUntil = &until
	}
	return o
}

// staleView is how the overrides of an account looked before a write that GET does not show yet.
type staleView struct {
	rows  []Override
	until time.Time
	reads int
}

// PutOverride writes an override as somebody else would, past every check of permissions. It follows the rules of the
// Manager for slots: at each scope there is one tagged and one untagged override, and a second write replaces the first.
func (s *Simulator) PutOverride(o Override) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.putForeignOverride(o)
}

func (s *Simulator) putForeignOverride(o Override) error {
	if o.Version == "" {
		return fmt.Errorf("override has no version")
	}
	if err := s.checkKnown(o.scope()); err != nil {
		return fmt.Errorf("override: %w", err)
	}
	now := s.clock.now()
	if o.ValidUntil == nil && !o.ValidTillNextRelease {
		until := now.AddDate(0, 0, s.termDefault())
		o.ValidUntil = &until
	}
	s.sweep(now)
	s.storeOverride(o, now)
	return nil
}

// RemoveOverride deletes the tagged or the untagged override of a scope as somebody else would, and reports whether there was one.
func (s *Simulator) RemoveOverride(accountID, orgID, projectID string, tagged bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := scope{account: accountID, org: orgID, project: projectID}
	now := s.clock.now()
	s.sweep(now)
	return s.deleteOverride(now, func(o *Override) bool { return o.scope() == at && len(o.Tags) > 0 == tagged })
}

// Overrides returns the overrides of an account that have not expired, sorted by scope, the untagged before the tagged one.
// It shows the truth, whatever lag GET has.
func (s *Simulator) Overrides(accountID string) []Override {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	s.sweep(now)
	live := []Override{}
	for _, o := range s.rows(accountID) {
		if !o.expired(now) {
			live = append(live, o)
		}
	}
	return live
}

// rows copies the stored overrides of an account, sorted.
func (s *Simulator) rows(accountID string) []Override {
	rows := []Override{}
	for _, o := range s.overrides {
		if o.AccountID == accountID {
			rows = append(rows, o.clone())
		}
	}
	slices.SortFunc(rows, compareOverrides)
	return rows
}

func compareOverrides(a, b Override) int {
	return cmp.Or(
		cmp.Compare(a.AccountID, b.AccountID),
		cmp.Compare(a.OrgID, b.OrgID),
		cmp.Compare(a.ProjectID, b.ProjectID),
		cmp.Compare(min(len(a.Tags), 1), min(len(b.Tags), 1)),
		cmp.Compare(a.overrideType(), b.overrideType()),
	)
}

// sweep removes the overrides whose term has passed, as the database does, later by the lag that is configured.
func (s *Simulator) sweep(now time.Time) {
	swept := now.Add(-s.behaviour.TTLLag)
	s.overrides = slices.DeleteFunc(s.overrides, func(o *Override) bool { return o.expired(swept) })
}

// termDefault is the number of days an override is valid for when the request does not say.
func (s *Simulator) termDefault() int {
	if s.behaviour.ServerAge == ServerAgeOld {
		return defaultDaysOld
	}
	return defaultDays
}

// termMax is the longest term in days.
func (s *Simulator) termMax() int {
	if s.behaviour.ServerAge == ServerAgeOld {
		return maxDaysOld
	}
	return maxDays
}

// stickyFlag reports whether validTillNextRelease follows the rules of old servers.
func (s *Simulator) stickyFlag() bool {
	return s.behaviour.ServerAge == ServerAgeOld || s.behaviour.TillNextRelease == TillNextReleaseLegacy
}

// sameSlot reports whether one override replaces the other. A slot is a scope with or without tags;
// an old server knows the account only but keeps Harness images apart from custom ones.
func (s *Simulator) sameSlot(a, b *Override) bool {
	if s.behaviour.ServerAge == ServerAgeOld && a.overrideType() != b.overrideType() {
		return false
	}
	return a.scope() == b.scope() && len(a.Tags) > 0 == (len(b.Tags) > 0)
}

// storeOverride writes an override into its slot. Servers that do not know scopes and tags store it for the whole account.
func (s *Simulator) storeOverride(o Override, now time.Time) {
	o = o.clone()
	o.Tags = newSet(o.Tags)
	if s.behaviour.ServerAge != ServerAgeNew {
		o.OrgID, o.ProjectID, o.Tags = "", "", nil
	}
	if o.ValidUntil != nil {
		until := o.ValidUntil.UTC().Truncate(time.Millisecond)
		o.ValidUntil = &until
	}
	s.keepStaleView(o.AccountID, now)
	i := slices.IndexFunc(s.overrides, func(stored *Override) bool { return s.sameSlot(stored, &o) })
	if i < 0 {
		s.overrides = append(s.overrides, &o)
		return
	}
	if before := s.overrides[i]; s.stickyFlag() {
		if o.ValidTillNextRelease {
			o.ValidUntil = before.ValidUntil
		}
		o.ValidTillNextRelease = o.ValidTillNextRelease || before.ValidTillNextRelease
	}
	s.overrides[i] = &o
}

// deleteOverride removes the override that matches, at most one, and reports whether there was one.
func (s *Simulator) deleteOverride(now time.Time, match func(*Override) bool) bool {
	i := slices.IndexFunc(s.overrides, match)
	if i < 0 {
		return false
	}
	s.keepStaleView(s.overrides[i].AccountID, now)
	s.overrides = slices.Delete(s.overrides, i, i+1)
	return true
}

// keepStaleView remembers how the overrides of an account look before a write, if reads lag behind writes.
func (s *Simulator) keepStaleView(accountID string, now time.Time) {
	account := s.accounts[accountID]
	if account == nil || (s.behaviour.ReadLag == 0 && s.behaviour.ReadLagReads == 0) {
		return
	}
	account.stale = append(account.stale, staleView{
		rows:  s.rows(accountID),
		until: now.Add(s.behaviour.ReadLag),
		reads: s.behaviour.ReadLagReads,
	})
}

// visibleRows is what GET sees: the oldest view that still lags, else the stored overrides.
func (s *Simulator) visibleRows(account *accountState, now time.Time) []Override {
	for len(account.stale) > 0 {
		view := &account.stale[0]
		if view.reads > 0 || now.Before(view.until) {
			view.reads = max(0, view.reads-1)
			return view.rows
		}
		account.stale = account.stale[1:]
	}
	return s.rows(account.ID)
}
