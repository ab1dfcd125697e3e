package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// overrideItem is one override as the list shows it.
type overrideItem struct {
	Version              string   `json:"version"`
	OrgIdentifier        string   `json:"orgIdentifier,omitempty"`
	ProjectIdentifier    string   `json:"projectIdentifier,omitempty"`
	ParentUniqueID       string   `json:"parentUniqueId"`
	Tags                 []string `json:"tags,omitempty"`
	ValidTillNextRelease bool     `json:"validTillNextRelease"`
	ValidUntil           any      `json:"validUntil,omitempty"`
	OverrideType         string   `json:"overrideType,omitempty"`
}

type overrideList struct {
	VersionOverrides []overrideItem `json:"versionOverrides"`
}

// putOverride serves PUT override-delegate-tag. Servers that are not new ignore the scope given.
func (s *Simulator) putOverride(c *call) (reply, error) {
	guard := s.guard
	if s.behaviour.ServerAge != ServerAgeNew {
		guard = s.guardAccount
	}
	key, at, err := guard(c)
	if err != nil {
		return reply{}, err
	}
	days, err := c.number("validForDays", s.termDefault())
	if err != nil {
		return reply{}, badParameter(s.behaviour.BadNumber)
	}
	image := c.query.Get("delegateTag")
	var broken constraints
	broken.needAccountIdentifier(c)
	broken.need(image != "", "delegateTag", "must not be empty")
	broken.need(days >= 0 && days <= s.termMax(), "validForDays", fmt.Sprintf("must be between 0 and %d", s.termMax()))
	if err := broken.err(); err != nil {
		return reply{}, err
	}
	asked := at
	if s.behaviour.PutScope == PutScopeAccount {
		asked = scope{account: at.account}
	}
	if err := require(key, PermissionEdit, asked); err != nil {
		return reply{}, err
	}
	if s.behaviour.PutEffect != PutEffectIgnored {
		s.storeOverride(s.overrideOf(c, at, image, days), c.now)
	}
	return s.putReply(image), nil
}

// overrideOf makes the override that a PUT asks for. With the flag set the term is ignored.
func (s *Simulator) overrideOf(c *call, at scope, image string, days int) Override {
	o := Override{
		AccountID:            at.account,
		OrgID:                at.org,
		ProjectID:            at.project,
		Tags:                 c.set("tags"),
		Version:              image,
		ValidTillNextRelease: c.flag("validTillNextRelease"),
	}
	if !o.ValidTillNextRelease {
		until := c.now.AddDate(0, 0, days)
		o.ValidUntil = &until
	}
	return o
}

func (s *Simulator) putReply(image string) reply {
	const sentence = "Updated Delegate image tag to "
	switch {
	case s.behaviour.ServerAge == ServerAgeOld || s.behaviour.PutReply == PutReplySentence:
		return ok(sentence + image)
	case s.behaviour.PutReply == PutReplyString:
		return jsonReply(http.StatusOK, image)
	default:
		return ok(image)
	}
}

// listOverrides serves GET override-delegate-tag.
func (s *Simulator) listOverrides(c *call) (reply, error) {
	at, err := s.guardPermission(c, string(s.behaviour.GetPermission))
	if err != nil {
		return reply{}, err
	}
	account := s.accounts[at.account]
	list := overrideList{VersionOverrides: []overrideItem{}}
	swept := c.now.Add(-s.behaviour.TTLLag)
	for _, o := range s.visibleRows(account, c.now) {
		if !o.expired(swept) && s.lists(at, o.scope()) {
			list.VersionOverrides = append(list.VersionOverrides, s.itemOf(account, o))
		}
	}
	if s.behaviour.GetEnvelope == GetEnvelopeBare {
		return jsonReply(http.StatusOK, list), nil
	}
	return ok(list), nil
}

// lists reports whether a list for one scope shows the overrides of another.
func (s *Simulator) lists(at, other scope) bool {
	switch s.behaviour.GetReach {
	case GetReachParents:
		return other.covers(at)
	case GetReachChildren:
		return at.covers(other)
	default:
		return at == other
	}
}

func (s *Simulator) itemOf(account *accountState, o Override) overrideItem {
	item := overrideItem{
		Version:              o.Version,
		OrgIdentifier:        o.OrgID,
		ProjectIdentifier:    o.ProjectID,
		ParentUniqueID:       account.uniqueIDs[o.scope()],
		Tags:                 slices.Clone(o.Tags),
		ValidTillNextRelease: o.ValidTillNextRelease,
	}
	if o.ValidUntil != nil {
		item.ValidUntil = s.timeOnWire(*o.ValidUntil)
	}
	if s.behaviour.TagOrder == TagOrderReversed {
		slices.Reverse(item.Tags)
	}
	if s.behaviour.OverrideTypeField == OverrideTypePresent {
		item.OverrideType = o.overrideType()
	}
	return item
}

// timeOnWire writes validUntil in the form that is configured.
func (s *Simulator) timeOnWire(t time.Time) any {
	switch s.behaviour.ValidUntilForm {
	case ValidUntilMillisString:
		return strconv.FormatInt(millis(t), 10)
	case ValidUntilISO:
		return t.Format("2006-01-02T15:04:05.000Z")
	case ValidUntilISOOffset:
		return t.Format("2006-01-02T15:04:05.000-0700")
	default:
		return millis(t)
	}
}

// deleteOverrideEndpoint serves DELETE delete-delegate-override. The scope and the tags must match exactly.
func (s *Simulator) deleteOverrideEndpoint(c *call) (reply, error) {
	at, err := s.guardPermission(c, string(s.behaviour.DeletePermission))
	if err != nil {
		return reply{}, err
	}
	tags := c.set("tags")
	deleted := s.deleteOverride(c.now, func(o *Override) bool { return o.scope() == at && slices.Equal(o.Tags, tags) })
	if !deleted && s.behaviour.DeleteNoMatch == DeleteNoMatch400 {
		return reply{}, invalidRequest("No delegate override found for the given parameters")
	}
	switch s.behaviour.DeleteReply {
	case DeleteReplyEnvelope:
		return ok(nil), nil
	case DeleteReplyNoContent:
		return empty(http.StatusNoContent), nil
	default:
		return empty(http.StatusOK), nil
	}
}
