package simulator

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is a request as an endpoint sees it.
type call struct {
	method string
	path   string
	query  url.Values
	header http.Header
	body   []byte
	now    time.Time
	// identifier is the last segment of a path that ends in one.
	identifier string
}

// accountID finds the account of the request: in the account header, then in the query under one of three names.
func (c *call) accountID() string {
	if id := c.header.Get("Harness-Account"); id != "" {
		return id
	}
	for _, name := range []string{"accountIdentifier", "account", "accountId"} {
		if id := c.query.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// flag reads a boolean: anything but "true", in any case, is false.
func (c *call) flag(name string) bool {
	return strings.EqualFold(c.query.Get(name), "true")
}

// number reads a whole number of 32 bits. A missing or blank value is the default.
func (c *call) number(name string, missing int) (int, error) {
	text := c.query.Get(name)
	if strings.TrimSpace(text) == "" {
		return missing, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), err
}

// set reads a set of texts from a repeated parameter. A comma is part of the text. One empty text is a set of one.
func (c *call) set(name string) []string {
	return newSet(c.query[name])
}

// newSet sorts the texts and drops duplicates; it returns nil for none.
func newSet(texts []string) []string {
	if len(texts) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(texts))
	return slices.Compact(sorted)
}

// readJSON decodes the body, which must be there. The replies to a wrong media type and to a body that cannot be read
// are assumptions.
func (c *call) readJSON(target any) error {
	media, _, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil || media != contentTypeJSON {
		return errorOf(http.StatusUnsupportedMediaType, codeUnknownError, "HTTP 415 Unsupported Media Type")
	}
	if err := json.Unmarshal(c.body, target); err != nil {
		return unreadableBody()
	}
	return nil
}

// guard is what the Manager checks before an endpoint runs: the key, then the scope.
// It returns the key, and the scope the request works at.
func (s *Simulator) guard(c *call) (Key, scope, error) {
	key, err := s.authenticate(c)
	if err != nil {
		return Key{}, scope{}, err
	}
	at, err := s.scopeOf(c, key.AccountID)
	return key, at, err
}

// guardAccount is the guard of an endpoint that does not know organizations and projects: it ignores those given.
func (s *Simulator) guardAccount(c *call) (Key, scope, error) {
	key, err := s.authenticate(c)
	return key, scope{account: key.AccountID}, err
}

// guardPermission is the guard of an endpoint without parameters of its own, with the permission that it asks for.
func (s *Simulator) guardPermission(c *call, permission string) (scope, error) {
	key, at, err := s.guard(c)
	if err != nil {
		return scope{}, err
	}
	var broken constraints
	broken.needAccountIdentifier(c)
	if err := broken.err(); err != nil {
		return scope{}, err
	}
	return at, require(key, permission, at)
}

// scopeOf reads the scope parameters.
func (s *Simulator) scopeOf(c *call, accountID string) (scope, error) {
	at := scope{account: accountID, org: c.query.Get("orgIdentifier"), project: c.query.Get("projectIdentifier")}
	if at.org == "" && at.project != "" {
		if s.behaviour.ProjectWithoutOrg == ProjectWithoutOrgNotFound {
			return scope{}, unknownScope(s.behaviour.UnknownScope, "Project", at.project)
		}
		at.project = ""
	}
	return at, s.checkScope(at)
}

// checkScope refuses an organization or project that the account does not have.
func (s *Simulator) checkScope(at scope) error {
	account := s.accounts[at.account]
	if at.org == "" {
		return nil
	}
	projects, found := account.Orgs[at.org]
	if !found {
		return unknownScope(s.behaviour.UnknownScope, "Organization", at.org)
	}
	if at.project != "" && !slices.Contains(projects, at.project) {
		return unknownScope(s.behaviour.UnknownScope, "Project", at.project)
	}
	return nil
}

// constraints collects the query parameters that break their constraints.
type constraints []fieldError

// need registers a violation unless the condition holds.
func (v *constraints) need(holds bool, parameter, constraint string) {
	if !holds {
		*v = append(*v, violation(parameter, constraint))
	}
}

// err is the reply to all violations together, nil if there are none.
func (v constraints) err() error {
	if len(v) == 0 {
		return nil
	}
	return violations(v)
}

// needAccountIdentifier registers a request that names its account in another way than endpoints ask for.
func (v *constraints) needAccountIdentifier(c *call) {
	v.need(c.query.Has("accountIdentifier"), "accountIdentifier", "must not be null")
}
