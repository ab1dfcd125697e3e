package simulator

import (
	"slices"
	"strings"
	"time"
)

// The image for a delegate follows seven rules of the Harness documentation:
//
//  1. The lower-cased name of the delegate is one of its tags.
//  2. A tagged override applies if the delegate has all of its tags.
//  3. For a delegate with tags, tagged overrides come first: at the delegate's scope, then at each higher scope.
//  4. Untagged overrides come second: at the delegate's scope, then at each higher scope.
//  5. Overrides below or beside the delegate's scope never apply.
//  6. Expired overrides do not apply.
//  7. If none applies, the image is the latest one released to the account.

// ImageFor returns the image that an upgrader of the delegate would be told to run, empty if the account is unknown or has none.
func (s *Simulator) ImageFor(accountID, orgID, projectID, delegateName string, tags []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts[accountID] == nil {
		return ""
	}
	now := s.clock.now()
	s.sweep(now)
	at := scope{account: accountID, org: orgID, project: projectID}
	return s.resolve(at, s.tagsOf(delegateName, tags), now)
}

// tagsOf adds the tag that the name of a delegate stands for.
func (s *Simulator) tagsOf(name string, tags []string) []string {
	if name == "" || s.behaviour.NameAsTag == NameAsTagNo {
		return tags
	}
	return append(slices.Clone(tags), strings.ToLower(name))
}

// resolve applies the rules to a delegate at a scope with all its tags.
func (s *Simulator) resolve(at scope, tags []string, now time.Time) string {
	if s.behaviour.ServerAge == ServerAgeOld {
		return s.resolveOld(at.account, now)
	}
	if len(tags) > 0 {
		for _, above := range at.upwards() {
			o, found := s.overrideAt(above, true, now)
			if !found {
				continue
			}
			if s.hasAll(tags, o.Tags) {
				return o.Version
			}
			if s.behaviour.TaggedMismatch == TaggedMismatchStop {
				break
			}
		}
	}
	for _, above := range at.upwards() {
		if o, found := s.overrideAt(above, false, now); found {
			return o.Version
		}
	}
	return s.latestOf(at.account, now)
}

// resolveOld is the rule of an old server: a custom image of the account, else a Harness image set for it, else the latest.
func (s *Simulator) resolveOld(accountID string, now time.Time) string {
	for _, o := range s.overrides {
		if o.scope() == (scope{account: accountID}) && !strings.HasPrefix(o.Version, harnessImagePrefix) && s.takesPart(o, now) {
			return o.Version
		}
	}
	return s.latestOf(accountID, now)
}

// overrideAt finds the tagged or the untagged override of exactly one scope.
func (s *Simulator) overrideAt(at scope, tagged bool, now time.Time) (Override, bool) {
	for _, o := range s.overrides {
		if o.scope() == at && len(o.Tags) > 0 == tagged && s.takesPart(o, now) {
			return *o, true
		}
	}
	return Override{}, false
}

// takesPart reports whether an override that is still stored applies at all.
func (s *Simulator) takesPart(o *Override, now time.Time) bool {
	return s.behaviour.ExpiredRow == ExpiredRowHonoured || !o.expired(now)
}

// hasAll reports whether the delegate's tags contain all those wanted.
func (s *Simulator) hasAll(tags, wanted []string) bool {
	for _, tag := range wanted {
		equal := func(own string) bool {
			return own == tag || (s.behaviour.TagCase == TagCaseInsensitive && strings.EqualFold(own, tag))
		}
		if !slices.ContainsFunc(tags, equal) {
			return false
		}
	}
	return true
}

// latestOf is the image released to an account. An old server, or a new one told to, prefers a Harness image set for the account.
func (s *Simulator) latestOf(accountID string, now time.Time) string {
	if s.behaviour.ServerAge == ServerAgeOld || s.behaviour.LatestVersionFrom == LatestVersionFromOverride {
		for _, o := range s.overrides {
			untagged := o.scope() == (scope{account: accountID}) && len(o.Tags) == 0
			if untagged && strings.HasPrefix(o.Version, harnessImagePrefix) && s.takesPart(o, now) {
				return o.Version
			}
		}
	}
	if version := s.accounts[accountID].LatestVersion; version != "" {
		return harnessImagePrefix + ":" + version
	}
	return ""
}
