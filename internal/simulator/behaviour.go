package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Behaviour holds every choice that the Harness documentation leaves open, one switch each.
// The zero value of a switch is its default, which is the first option in the list of its type.
// Behaviours with another meaning than the Manager's (PutEffect, the read lag, the latency) are
// there because a client has to survive them.
type Behaviour struct {
	ServerAge         ServerAge         `json:"serverAge"`
	UnsupportedMethod UnsupportedMethod `json:"unsupportedMethod"`
	Prefix            Prefix            `json:"prefix"`
	PutReply          PutReply          `json:"putReply"`
	PutEffect         PutEffect         `json:"putEffect"`
	GetEnvelope       GetEnvelope       `json:"getEnvelope"`
	GetReach          GetReach          `json:"getReach"`
	ValidUntilForm    ValidUntilForm    `json:"validUntilForm"`
	OverrideTypeField OverrideTypeField `json:"overrideTypeField"`
	TagOrder          TagOrder          `json:"tagOrder"`
	DeleteReply       DeleteReply       `json:"deleteReply"`
	DeleteNoMatch     DeleteNoMatch     `json:"deleteNoMatch"`
	TillNextRelease   TillNextRelease   `json:"tillNextRelease"`
	NameAsTag         NameAsTag         `json:"nameAsTag"`
	TagCase           TagCase           `json:"tagCase"`
	TaggedMismatch    TaggedMismatch    `json:"taggedMismatch"`
	ExpiredRow        ExpiredRow        `json:"expiredRow"`
	LatestVersionFrom LatestVersionFrom `json:"latestVersionFrom"`
	DockerStatus      DockerStatus      `json:"dockerStatus"`
	UnknownScope      UnknownScope      `json:"unknownScope"`
	ProjectWithoutOrg ProjectWithoutOrg `json:"projectWithoutOrg"`
	BadNumber         BadNumber         `json:"badNumber"`
	RateLimitForm     RateLimitForm     `json:"rateLimitForm"`
	PutScope          PutScope          `json:"putScope"`
	GetPermission     GetPermission     `json:"getPermission"`
	DeletePermission  DeletePermission  `json:"deletePermission"`

	DelegateScopeNames DelegateScopeNames `json:"delegateScopeNames"`
	GroupFields        GroupFields        `json:"groupFields"`
	UnknownGroup       UnknownGroup       `json:"unknownGroup"`
	CGAPIKey           CGAPIKey           `json:"cgApiKey"`
	CGUnknownScope     CGUnknownScope     `json:"cgUnknownScope"`
	CGPages            CGPages            `json:"cgPages"`
	ScopeListDenied    ScopeListDenied    `json:"scopeListDenied"`

	// TTLLag is how long an expired override stays in the database until the sweep removes it; up to 60 s in practice.
	TTLLag time.Duration `json:"ttlLag"`
	// RevocationLag is how late a delegate token with a revocation time is revoked; up to an hour in practice.
	RevocationLag time.Duration `json:"revocationLag"`
	// Latency is added to every request, before it takes effect.
	Latency time.Duration `json:"latency"`
	// ReadLag hides each write of an override from GET for this long.
	ReadLag time.Duration `json:"readLag"`
	// ReadLagReads hides each write of an override from the next so many GETs of the account.
	// With ReadLag as well, a write shows when both have passed.
	ReadLagReads int `json:"readLagReads"`
	// RateLimitRequests is how many requests each key may send per RateLimitWindow; 0 is no limit.
	RateLimitRequests int `json:"rateLimitRequests"`
	// RateLimitWindow is the length of the sliding window; 0 is a minute.
	RateLimitWindow time.Duration `json:"rateLimitWindow"`
	// ManagerBuild is the build number of the Manager for the expiry of delegates, such as 84200;
	// 0 is the build of the account's latest version.
	ManagerBuild int `json:"managerBuild"`
	// MaxPageSize is how many entries a page holds at most, whatever the request asks for; 0 is 100.
	MaxPageSize int `json:"maxPageSize"`
}

// ServerAge is the generation of the Manager.
type ServerAge string

const (
	// ServerAgeNew knows scopes and tags; terms are 0 to 180 days, 180 by default.
	ServerAgeNew ServerAge = "new"
	// ServerAgeMiddle lists and deletes like a new server but ignores organization, project and tags on PUT.
	// No such release is documented: an assumption about a rollout half done.
	ServerAgeMiddle ServerAge = "middle"
	// ServerAgeOld is the Manager of December 2023: account only, terms of 0 to 90 days, 30 by default, no GET,
	// no DELETE, organization, project and tags silently ignored.
	ServerAgeOld ServerAge = "old"
)

// UnsupportedMethod is the reply to a method that a known path does not have.
type UnsupportedMethod string

const (
	// UnsupportedMethod500 replies with status 500.
	UnsupportedMethod500 UnsupportedMethod = "500"
	// UnsupportedMethod405 replies with status 405.
	UnsupportedMethod405 UnsupportedMethod = "405"
	// UnsupportedMethodNotFound replies as to an unknown path: status 400 with the text "HTTP 404 Not Found".
	UnsupportedMethodNotFound UnsupportedMethod = "not-found"
)

// Prefix says under which base path the Manager answers.
type Prefix string

const (
	// PrefixBoth serves every path with and without /gateway.
	PrefixBoth Prefix = "both"
	// PrefixGateway serves paths that start with /gateway only.
	PrefixGateway Prefix = "gateway"
	// PrefixBare serves paths without /gateway only.
	PrefixBare Prefix = "bare"
)

// PutReply is the body of a successful PUT. An old server always replies with the sentence.
type PutReply string

const (
	// PutReplyTag returns the delegate tag in the envelope.
	PutReplyTag PutReply = "tag"
	// PutReplySentence returns "Updated Delegate image tag to ..." in the envelope.
	PutReplySentence PutReply = "sentence"
	// PutReplyString returns the tag as a bare JSON string.
	PutReplyString PutReply = "string"
)

// PutEffect says whether a PUT that is answered with success is stored.
type PutEffect string

const (
	// PutEffectStored stores it.
	PutEffectStored PutEffect = "stored"
	// PutEffectIgnored drops it without a word.
	PutEffectIgnored PutEffect = "ignored"
)

// GetEnvelope says how the list of overrides is wrapped.
type GetEnvelope string

const (
	// GetEnvelopeFull wraps the payload in metaData, resource and responseMessages.
	GetEnvelopeFull GetEnvelope = "envelope"
	// GetEnvelopeBare returns the payload itself.
	GetEnvelopeBare GetEnvelope = "bare"
)

// GetReach says which scopes the list of overrides shows.
type GetReach string

const (
	// GetReachExact shows the scope asked for.
	GetReachExact GetReach = "exact"
	// GetReachParents shows the scopes above as well.
	GetReachParents GetReach = "parents"
	// GetReachChildren shows the scopes below as well.
	GetReachChildren GetReach = "children"
)

// ValidUntilForm is the wire form of validUntil.
type ValidUntilForm string

const (
	// ValidUntilMillis is a number of milliseconds since the epoch.
	ValidUntilMillis ValidUntilForm = "epoch-ms"
	// ValidUntilMillisString is the same number inside a string.
	ValidUntilMillisString ValidUntilForm = "epoch-ms-string"
	// ValidUntilISO is an ISO 8601 string with the suffix Z.
	ValidUntilISO ValidUntilForm = "iso"
	// ValidUntilISOOffset is an ISO 8601 string with the suffix +0000, which RFC 3339 does not allow.
	ValidUntilISOOffset ValidUntilForm = "iso-offset"
)

// OverrideTypeField says whether the list of overrides names the type of each.
type OverrideTypeField string

const (
	// OverrideTypeAbsent leaves the field out.
	OverrideTypeAbsent OverrideTypeField = "absent"
	// OverrideTypePresent writes it.
	OverrideTypePresent OverrideTypeField = "present"
)

// TagOrder is the order of the tags of one override in the list. Tags are a set, so clients may not rely on any.
type TagOrder string

const (
	// TagOrderSorted sorts upwards.
	TagOrderSorted TagOrder = "sorted"
	// TagOrderReversed sorts downwards.
	TagOrderReversed TagOrder = "reversed"
)

// DeleteReply is the reply to a successful DELETE.
type DeleteReply string

const (
	// DeleteReplyEmpty is status 200 without a body.
	DeleteReplyEmpty DeleteReply = "empty"
	// DeleteReplyEnvelope is status 200 with an envelope.
	DeleteReplyEnvelope DeleteReply = "envelope"
	// DeleteReplyNoContent is status 204.
	DeleteReplyNoContent DeleteReply = "no-content"
)

// DeleteNoMatch is the reply to a DELETE that matches nothing.
type DeleteNoMatch string

const (
	// DeleteNoMatchOK replies as to a success.
	DeleteNoMatchOK DeleteNoMatch = "ok"
	// DeleteNoMatch400 replies with status 400, INVALID_REQUEST.
	DeleteNoMatch400 DeleteNoMatch = "400"
)

// TillNextRelease says how validTillNextRelease and validForDays go together.
type TillNextRelease string

const (
	// TillNextReleaseClears stores no validUntil while the flag is set, and a later PUT without the flag clears it.
	TillNextReleaseClears TillNextRelease = "clears"
	// TillNextReleaseLegacy leaves validUntil as it was when the flag is set, and never clears the flag.
	// An old server always works so.
	TillNextReleaseLegacy TillNextRelease = "legacy"
)

// NameAsTag says whether the lower-cased name of a delegate counts as one of its tags.
type NameAsTag string

const (
	// NameAsTagYes counts it.
	NameAsTagYes NameAsTag = "yes"
	// NameAsTagNo does not.
	NameAsTagNo NameAsTag = "no"
)

// TagCase says how tags are compared when an override is matched with a delegate.
type TagCase string

const (
	// TagCaseSensitive tells upper from lower case.
	TagCaseSensitive TagCase = "sensitive"
	// TagCaseInsensitive does not.
	TagCaseInsensitive TagCase = "insensitive"
)

// TaggedMismatch says what happens when a tagged override is found whose tags the delegate does not all have.
type TaggedMismatch string

const (
	// TaggedMismatchSkip goes on with the tagged override of the next higher scope.
	TaggedMismatchSkip TaggedMismatch = "skip"
	// TaggedMismatchStop ends the search among tagged overrides and goes on with the untagged ones.
	TaggedMismatchStop TaggedMismatch = "stop"
)

// ExpiredRow says whether an expired override that is not swept yet still takes part in the resolution.
type ExpiredRow string

const (
	// ExpiredRowIgnored leaves it out.
	ExpiredRowIgnored ExpiredRow = "ignored"
	// ExpiredRowHonoured lets it take part.
	ExpiredRowHonoured ExpiredRow = "honoured"
)

// LatestVersionFrom says where the latest supported version comes from on a server that is not old.
type LatestVersionFrom string

const (
	// LatestVersionFromRing takes the release ring of the account and ignores overrides.
	LatestVersionFromRing LatestVersionFrom = "ring"
	// LatestVersionFromOverride lets an untagged account override with a harness/delegate image win, as on an old server.
	LatestVersionFromOverride LatestVersionFrom = "override"
)

// DockerStatus is the auto-upgrade status of delegates of type DOCKER.
type DockerStatus string

const (
	// DockerStatusOff is always OFF.
	DockerStatusOff DockerStatus = "off"
	// DockerStatusByCallTime follows the last call of the upgrader, as for other types.
	DockerStatusByCallTime DockerStatus = "by-call-time"
)

// UnknownScope is the status of the reply to an organization or project that does not exist.
type UnknownScope string

const (
	// UnknownScope400 is status 400.
	UnknownScope400 UnknownScope = "400"
	// UnknownScope404 is status 404.
	UnknownScope404 UnknownScope = "404"
)

// ProjectWithoutOrg says what becomes of a project identifier without an organization identifier.
type ProjectWithoutOrg string

const (
	// ProjectWithoutOrgDropped works at account scope.
	ProjectWithoutOrgDropped ProjectWithoutOrg = "dropped"
	// ProjectWithoutOrgNotFound replies that there is no such project.
	ProjectWithoutOrgNotFound ProjectWithoutOrg = "not-found"
)

// BadNumber is the reply to a query parameter that cannot be read as its type, such as validForDays=abc.
type BadNumber string

const (
	// BadNumber500 is status 500.
	BadNumber500 BadNumber = "500"
	// BadNumber404 is status 404 with the text "HTTP 404 Not Found".
	BadNumber404 BadNumber = "404"
	// BadNumber400 is the same body with status 400.
	BadNumber400 BadNumber = "400"
)

// RateLimitForm is the form of a reply with status 429.
type RateLimitForm string

const (
	// RateLimitPlain is plain text without Retry-After.
	RateLimitPlain RateLimitForm = "plain"
	// RateLimitJSON is an error body with Retry-After.
	RateLimitJSON RateLimitForm = "json"
)

// PutScope is the scope at which PUT asks for its permission. An old server always asks at account scope.
type PutScope string

const (
	// PutScopeGiven is the scope of the override.
	PutScopeGiven PutScope = "given"
	// PutScopeAccount is the account.
	PutScopeAccount PutScope = "account"
)

// GetPermission is the permission that listing overrides asks for.
type GetPermission string

const (
	// GetPermissionView is core_delegate_view.
	GetPermissionView GetPermission = PermissionView
	// GetPermissionEdit is core_delegate_edit.
	GetPermissionEdit GetPermission = PermissionEdit
)

// DeletePermission is the permission that deleting an override asks for. The documentation leaves it open;
// edit is an assumption, since an override is deleted by whoever may write it.
type DeletePermission string

const (
	// DeletePermissionEdit is core_delegate_edit.
	DeletePermissionEdit DeletePermission = PermissionEdit
	// DeletePermissionDelete is core_delegate_delete.
	DeletePermissionDelete DeletePermission = PermissionDelete
)

// choice is one switch: its JSON name, its value, and its options, the default first.
type choice struct {
	name    string
	value   string
	set     func(string)
	options []string
}

func choiceOf[T ~string](name string, value *T, options ...T) choice {
	texts := make([]string, len(options))
	for i, option := range options {
		texts[i] = string(option)
	}
	return choice{name: name, value: string(*value), set: func(text string) { *value = T(text) }, options: texts}
}

// choices is the one table of all switches; defaults, validation and the help text come from it.
func (b *Behaviour) choices() []choice {
	return []choice{
		choiceOf("serverAge", &b.ServerAge, ServerAgeNew, ServerAgeMiddle, ServerAgeOld),
		choiceOf("unsupportedMethod", &b.UnsupportedMethod, UnsupportedMethod500, UnsupportedMethod405, UnsupportedMethodNotFound),
		choiceOf("prefix", &b.Prefix, PrefixBoth, PrefixGateway, PrefixBare),
		choiceOf("putReply", &b.PutReply, PutReplyTag, PutReplySentence, PutReplyString),
		choiceOf("putEffect", &b.PutEffect, PutEffectStored, PutEffectIgnored),
		choiceOf("getEnvelope", &b.GetEnvelope, GetEnvelopeFull, GetEnvelopeBare),
		choiceOf("getReach", &b.GetReach, GetReachExact, GetReachParents, GetReachChildren),
		choiceOf("validUntilForm", &b.ValidUntilForm, ValidUntilMillis, ValidUntilMillisString, ValidUntilISO, ValidUntilISOOffset),
		choiceOf("overrideTypeField", &b.OverrideTypeField, OverrideTypeAbsent, OverrideTypePresent),
		choiceOf("tagOrder", &b.TagOrder, TagOrderSorted, TagOrderReversed),
		choiceOf("deleteReply", &b.DeleteReply, DeleteReplyEmpty, DeleteReplyEnvelope, DeleteReplyNoContent),
		choiceOf("deleteNoMatch", &b.DeleteNoMatch, DeleteNoMatchOK, DeleteNoMatch400),
		choiceOf("tillNextRelease", &b.TillNextRelease, TillNextReleaseClears, TillNextReleaseLegacy),
		choiceOf("nameAsTag", &b.NameAsTag, NameAsTagYes, NameAsTagNo),
		choiceOf("tagCase", &b.TagCase, TagCaseSensitive, TagCaseInsensitive),
		choiceOf("taggedMismatch", &b.TaggedMismatch, TaggedMismatchSkip, TaggedMismatchStop),
		choiceOf("expiredRow", &b.ExpiredRow, ExpiredRowIgnored, ExpiredRowHonoured),
		choiceOf("latestVersionFrom", &b.LatestVersionFrom, LatestVersionFromRing, LatestVersionFromOverride),
		choiceOf("dockerStatus", &b.DockerStatus, DockerStatusOff, DockerStatusByCallTime),
		choiceOf("unknownScope", &b.UnknownScope, UnknownScope400, UnknownScope404),
		choiceOf("projectWithoutOrg", &b.ProjectWithoutOrg, ProjectWithoutOrgDropped, ProjectWithoutOrgNotFound),
		choiceOf("badNumber", &b.BadNumber, BadNumber500, BadNumber404, BadNumber400),
		choiceOf("rateLimitForm", &b.RateLimitForm, RateLimitPlain, RateLimitJSON),
		choiceOf("putScope", &b.PutScope, PutScopeGiven, PutScopeAccount),
		choiceOf("getPermission", &b.GetPermission, GetPermissionView, GetPermissionEdit),
		choiceOf("deletePermission", &b.DeletePermission, DeletePermissionEdit, DeletePermissionDelete),
		choiceOf("delegateScopeNames", &b.DelegateScopeNames, DelegateScopeNamesPresent, DelegateScopeNamesAbsent),
		choiceOf("groupFields", &b.GroupFields, GroupFieldsNewer, GroupFieldsBase, GroupFieldsFew),
		choiceOf("unknownGroup", &b.UnknownGroup, UnknownGroup404, UnknownGroup400),
		choiceOf("cgApiKey", &b.CGAPIKey, CGAPIKeyAccepted, CGAPIKeyRefused),
		choiceOf("cgUnknownScope", &b.CGUnknownScope, CGUnknownScopeEmpty, CGUnknownScopeRefused),
		choiceOf("cgPages", &b.CGPages, CGPagesOptional, CGPagesAlways),
		choiceOf("scopeListDenied", &b.ScopeListDenied, ScopeListDeniedShorter, ScopeListDenied403),
	}
}

// BehaviourHelp lists every switch with its options, the default first, one per line.
func BehaviourHelp() string {
	var b Behaviour
	var help strings.Builder
	for _, c := range b.choices() {
		fmt.Fprintf(&help, "%s: %s\n", c.name, strings.Join(c.options, " | "))
	}
	help.WriteString("ttlLag, revocationLag, latency, readLag, rateLimitWindow: duration such as \"30s\"\n")
	help.WriteString("readLagReads, rateLimitRequests, managerBuild, maxPageSize: number\n")
	return help.String()
}

// Validate refuses values that no switch has and negative amounts.
func (b Behaviour) Validate() error {
	for _, c := range b.choices() {
		if c.value != "" && !slices.Contains(c.options, c.value) {
			return fmt.Errorf("behaviour %s is %q, want one of %s", c.name, c.value, strings.Join(c.options, ", "))
		}
	}
	if min(b.TTLLag, b.RevocationLag, b.Latency, b.ReadLag, b.RateLimitWindow) < 0 {
		return fmt.Errorf("behaviour has a negative duration")
	}
	if min(b.ReadLagReads, b.RateLimitRequests, b.ManagerBuild, b.MaxPageSize) < 0 {
		return fmt.Errorf("behaviour has a negative number")
	}
	return nil
}

// withDefaults names the default of every switch that is not set.
func (b Behaviour) withDefaults() Behaviour {
	for _, c := range b.choices() {
		if c.value == "" {
			c.set(c.options[0])
		}
	}
	return b
}

// behaviourFields is a Behaviour without methods, so that its JSON form can be extended.
type behaviourFields Behaviour

// behaviourJSON replaces the durations by their readable form.
type behaviourJSON struct {
	*behaviourFields
	TTLLag          durationText `json:"ttlLag"`
	RevocationLag   durationText `json:"revocationLag"`
	Latency         durationText `json:"latency"`
	ReadLag         durationText `json:"readLag"`
	RateLimitWindow durationText `json:"rateLimitWindow"`
}

func newBehaviourJSON(b *Behaviour) behaviourJSON {
	return behaviourJSON{
		behaviourFields: (*behaviourFields)(b),
		TTLLag:          durationText(b.TTLLag),
		RevocationLag:   durationText(b.RevocationLag),
		Latency:         durationText(b.Latency),
		ReadLag:         durationText(b.ReadLag),
		RateLimitWindow: durationText(b.RateLimitWindow),
	}
}

// MarshalJSON writes durations as text.
func (b Behaviour) MarshalJSON() ([]byte, error) {
	return json.Marshal(newBehaviourJSON(&b))
}

// UnmarshalJSON reads durations from text, keeps what the document does not mention and refuses unknown fields.
func (b *Behaviour) UnmarshalJSON(data []byte) error {
	changed := *b
	form := newBehaviourJSON(&changed)
	if err := strictDecode(data, &form); err != nil {
		return err
	}
	changed.TTLLag = time.Duration(form.TTLLag)
	changed.RevocationLag = time.Duration(form.RevocationLag)
	changed.Latency = time.Duration(form.Latency)
	changed.ReadLag = time.Duration(form.ReadLag)
	changed.RateLimitWindow = time.Duration(form.RateLimitWindow)
	*b = changed
	return nil
}

// Behaviour returns the switches in force, with the defaults named.
func (s *Simulator) Behaviour() Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.behaviour.withDefaults()
}

// SetBehaviour replaces all switches. Start from Behaviour to change a single one.
// A value that no switch has acts as the default; Validate finds such values.
func (s *Simulator) SetBehaviour(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviour = b.withDefaults()
}
