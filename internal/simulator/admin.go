package simulator

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const adminPrefix = "/_admin/"

// adminRoute is one operation of the admin API.
type adminRoute struct {
	method, path, purpose string
	handle                func(*adminRequest) (reply, error)
}

// adminRequest is what an operation needs of its request.
type adminRequest struct {
	body  []byte
	query url.Values
}

// adminRoutes is the one table of the admin API; the handler and the help text come from it.
func (s *Simulator) adminRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "healthz", `answer {"status":"ok"}`, s.adminHealth},
		{"GET", "state", "the whole state as one document", s.adminState},
		{"PUT", "state", "replace the whole state", s.adminSetState},
		{"POST", "accounts", "add or replace an account", s.adminAddAccount},
		{"POST", "keys", "add or replace an API key", s.adminAddKey},
		{"POST", "keys/expire", `make a key invalid: {"token":"..."}`, s.adminExpireKey},
		{"POST", "delegate-tokens", "add or replace a delegate token", s.adminAddToken},
		{"POST", "delegates", "add or replace a delegate", s.adminAddDelegate},
		{"GET", "delegates", "delegates of ?accountId=", s.adminDelegates},
		{"GET", "overrides", "live overrides of ?accountId=", s.adminOverrides},
		{"POST", "overrides", "put an override as somebody else would", s.adminPutOverride},
		{"DELETE", "overrides", "remove the override at ?accountId=&orgId=&projectId=&tagged=true|false", s.adminRemoveOverride},
		{"POST", "release", `publish a delegate version: {"accountId":"...","version":"..."}`, s.adminRelease},
		{"POST", "upgrader", `run an upgrader once: {"accountId":"...","delegateName":"..."}`, s.adminRunUpgrader},
		{"GET", "image", "image for ?accountId=&orgId=&projectId=&name=&tags=a&tags=b", s.adminImage},
		{"GET", "clock", "the simulated time", s.adminClock},
		{"PUT", "clock", `set {"now":"RFC 3339"}, {"advance":"240h"} or {"frozen":true}`, s.adminSetClock},
		{"GET", "behaviour", "all switches", s.adminBehaviour},
		{"PATCH", "behaviour", "change the switches mentioned", s.adminPatchBehaviour},
		{"DELETE", "behaviour", "set all switches to their default", s.adminResetBehaviour},
		{"GET", "faults", "faults still to come", s.adminFaults},
		{"POST", "faults", "inject a fault", s.adminInject},
		{"DELETE", "faults", "clear all faults", s.adminClearFaults},
		{"GET", "counters", "requests per method and path", s.adminCounters},
		{"DELETE", "counters", "forget counters and log", s.adminResetCounters},
		{"GET", "requests", "log of requests", s.adminRequests},
	}
}

// AdminHelp lists every operation of the admin API, one per line.
func AdminHelp() string {
	var help strings.Builder
	for _, route := range (&Simulator{}).adminRoutes() {
		fmt.Fprintf(&help, "%-6s %-26s %s\n", route.method, adminPrefix+route.path, route.purpose)
	}
	return help.String()
}

// adminHandler serves the table. It asks for no key: whoever reaches the simulator may drive it.
func (s *Simulator) adminHandler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range s.adminRoutes() {
		mux.HandleFunc(route.method+" "+adminPrefix+route.path, func(w http.ResponseWriter, r *http.Request) {
			s.serveAdmin(w, r, route.handle)
		})
	}
	return mux
}

func (s *Simulator) serveAdmin(w http.ResponseWriter, r *http.Request, handle func(*adminRequest) (reply, error)) {
	answer, err := runAdmin(w, r, handle)
	if err != nil {
		answer = jsonReply(http.StatusBadRequest, map[string]string{"error": err.Error()})
	}
	answer.header.Set("Date", s.Now().Format(http.TimeFormat))
	answer.write(w)
}

func runAdmin(w http.ResponseWriter, r *http.Request, handle func(*adminRequest) (reply, error)) (reply, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return reply{}, fmt.Errorf("reading the request body: %w", err)
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return reply{}, fmt.Errorf("reading the query: %w", err)
	}
	return handle(&adminRequest{body: body, query: query})
}

// show is the reply of an operation with a result.
func show(result any) (reply, error) {
	return jsonReply(http.StatusOK, result), nil
}

// done is the reply of an operation without a result.
func done(err error) (reply, error) {
	return empty(http.StatusNoContent), err
}

// decode reads the body strictly.
func (r *adminRequest) decode(target any) error {
	if err := strictDecode(r.body, target); err != nil {
		return fmt.Errorf("request body: %w", err)
	}
	return nil
}

// only refuses query parameters that the operation does not have, and a missing account.
func (r *adminRequest) only(names ...string) error {
	for name := range r.query {
		if !slices.Contains(names, name) {
			return fmt.Errorf("unknown query parameter %q, want one of %s", name, strings.Join(names, ", "))
		}
	}
	if r.query.Get("accountId") == "" {
		return fmt.Errorf("query parameter accountId is missing")
	}
	return nil
}

func (s *Simulator) adminHealth(*adminRequest) (reply, error) {
	return show(map[string]string{"status": "ok"})
}

func (s *Simulator) adminState(*adminRequest) (reply, error) {
	return show(s.State())
}

func (s *Simulator) adminSetState(r *adminRequest) (reply, error) {
	state, err := DecodeState(r.body)
	if err != nil {
		return reply{}, fmt.Errorf("request body: %w", err)
	}
	return done(s.SetState(state))
}

func (s *Simulator) adminAddAccount(r *adminRequest) (reply, error) {
	var a Account
	if err := r.decode(&a); err != nil {
		return reply{}, err
	}
	if err := a.Validate(); err != nil {
		return reply{}, err
	}
	s.AddAccount(a)
	return done(nil)
}

func (s *Simulator) adminAddKey(r *adminRequest) (reply, error) {
	var k Key
	if err := r.decode(&k); err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return done(s.addKnownKey(k))
}

func (s *Simulator) adminExpireKey(r *adminRequest) (reply, error) {
	var asked struct {
		Token string `json:"token"`
	}
	if err := r.decode(&asked); err != nil {
		return reply{}, err
	}
	if !s.ExpireKey(asked.Token) {
		return reply{}, fmt.Errorf("there is no such key")
	}
	return done(nil)
}

func (s *Simulator) adminAddToken(r *adminRequest) (reply, error) {
	var t DelegateToken
	if err := r.decode(&t); err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return done(s.addKnownToken(t))
}

func (s *Simulator) adminAddDelegate(r *adminRequest) (reply, error) {
	var d Delegate
	if err := r.decode(&d); err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return done(s.addKnownDelegate(d))
}

func (s *Simulator) adminDelegates(r *adminRequest) (reply, error) {
	if err := r.only("accountId"); err != nil {
		return reply{}, err
	}
	return show(s.Delegates(r.query.Get("accountId")))
}

func (s *Simulator) adminOverrides(r *adminRequest) (reply, error) {
	if err := r.only("accountId"); err != nil {
		return reply{}, err
	}
	return show(s.Overrides(r.query.Get("accountId")))
}

func (s *Simulator) adminPutOverride(r *adminRequest) (reply, error) {
	var o Override
	if err := r.decode(&o); err != nil {
		return reply{}, err
	}
	return done(s.PutOverride(o))
}

func (s *Simulator) adminRemoveOverride(r *adminRequest) (reply, error) {
	if err := r.only("accountId", "orgId", "projectId", "tagged"); err != nil {
		return reply{}, err
	}
	tagged, err := strconv.ParseBool(r.query.Get("tagged"))
	if err != nil && r.query.Has("tagged") {
		return reply{}, fmt.Errorf("query parameter tagged: %w", err)
	}
	removed := s.RemoveOverride(r.query.Get("accountId"), r.query.Get("orgId"), r.query.Get("projectId"), tagged)
	return show(map[string]bool{"removed": removed})
}

func (s *Simulator) adminRelease(r *adminRequest) (reply, error) {
	var asked struct {
		AccountID string `json:"accountId"`
		Version   string `json:"version"`
	}
	if err := r.decode(&asked); err != nil {
		return reply{}, err
	}
	if !s.Release(asked.AccountID, asked.Version) {
		return reply{}, fmt.Errorf("account %q is not known", asked.AccountID)
	}
	return done(nil)
}

func (s *Simulator) adminRunUpgrader(r *adminRequest) (reply, error) {
	var asked struct {
		AccountID    string `json:"accountId"`
		DelegateName string `json:"delegateName"`
	}
	if err := r.decode(&asked); err != nil {
		return reply{}, err
	}
	return show(map[string]int{"groups": s.RunUpgrader(asked.AccountID, asked.DelegateName)})
}

func (s *Simulator) adminImage(r *adminRequest) (reply, error) {
	if err := r.only("accountId", "orgId", "projectId", "name", "tags"); err != nil {
		return reply{}, err
	}
	q := r.query
	image := s.ImageFor(q.Get("accountId"), q.Get("orgId"), q.Get("projectId"), q.Get("name"), q["tags"])
	return show(map[string]string{"image": image})
}

// clockState is the document of the clock.
type clockState struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

func (s *Simulator) adminClock(*adminRequest) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return show(clockState{Now: s.clock.now(), Frozen: s.clock.frozen})
}

func (s *Simulator) adminSetClock(r *adminRequest) (reply, error) {
	var asked struct {
		Now     *time.Time `json:"now"`
		Advance *string    `json:"advance"`
		Frozen  *bool      `json:"frozen"`
	}
	if err := r.decode(&asked); err != nil {
		return reply{}, err
	}
	var step time.Duration
	if asked.Advance != nil {
		var err error
		if step, err = time.ParseDuration(*asked.Advance); err != nil {
			return reply{}, fmt.Errorf("advance: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked.Frozen != nil {
		s.clock.freeze(*asked.Frozen)
	}
	if asked.Now != nil {
		s.clock.set(*asked.Now)
	}
	s.clock.set(s.clock.now().Add(step))
	return show(clockState{Now: s.clock.now(), Frozen: s.clock.frozen})
}

func (s *Simulator) adminBehaviour(*adminRequest) (reply, error) {
	return show(s.Behaviour())
}

func (s *Simulator) adminPatchBehaviour(r *adminRequest) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.behaviour
	if err := r.decode(&changed); err != nil {
		return reply{}, err
	}
	if err := changed.Validate(); err != nil {
		return reply{}, err
	}
	s.behaviour = changed.withDefaults()
	return show(s.behaviour)
}

func (s *Simulator) adminResetBehaviour(*adminRequest) (reply, error) {
	s.SetBehaviour(Behaviour{})
	return done(nil)
}

func (s *Simulator) adminFaults(*adminRequest) (reply, error) {
	return show(append([]Fault{}, s.Faults()...))
}

func (s *Simulator) adminInject(r *adminRequest) (reply, error) {
	var f Fault
	if err := r.decode(&f); err != nil {
		return reply{}, err
	}
	if err := f.Validate(); err != nil {
		return reply{}, err
	}
	s.Inject(f)
	return done(nil)
}

func (s *Simulator) adminClearFaults(*adminRequest) (reply, error) {
	s.ClearFaults()
	return done(nil)
}

func (s *Simulator) adminCounters(*adminRequest) (reply, error) {
	return show(s.Counters())
}

func (s *Simulator) adminResetCounters(*adminRequest) (reply, error) {
	s.ResetCounters()
	return done(nil)
}

func (s *Simulator) adminRequests(*adminRequest) (reply, error) {
	return show(append([]Request{}, s.Requests()...))
}
