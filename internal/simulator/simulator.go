package simulator

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// maxBody bounds the request bodies that are read.
const maxBody = 16 << 20

// Simulator is a Harness Manager in memory. It serves the delegate endpoints of the Manager, and its own admin API
// below /_admin/. It is safe for concurrent use; each request takes effect as a whole.
type Simulator struct {
	table map[string]map[string]route
	admin http.Handler

	mu        sync.Mutex
	clock     clock
	behaviour Behaviour
	accounts  map[string]*accountState
	keys      map[string]Key
	tokens    []*DelegateToken
	delegates []*Delegate
	overrides []*Override
	faults    []Fault
	limiter   limiter
	journal   journal
}

// New returns a Manager without accounts, with the default behaviour and a clock that shows real time.
func New() *Simulator {
	s := &Simulator{
		behaviour: Behaviour{}.withDefaults(),
		accounts:  map[string]*accountState{},
		keys:      map[string]Key{},
		limiter:   limiter{},
	}
	s.table = s.routes()
	s.admin = s.adminHandler()
	return s
}

// ServeHTTP implements http.Handler.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, adminPrefix) {
		s.admin.ServeHTTP(w, r)
		return
	}
	s.serve(w, r)
}

// exchange is one request to the Manager on its way through the simulator.
type exchange struct {
	call    *call
	gateway bool
	agent   string
	arrived time.Time
	fault   Fault
	faulty  bool
	latency time.Duration
}

// serve takes a request in, waits as long as it is told to, lets the request take effect and sends the reply.
// A client that goes away while the request waits is not served.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "simulator: reading the request body: "+err.Error(), http.StatusBadRequest)
		return
	}
	x := s.arrive(r, body)
	ctx := r.Context()
	wait := x.latency
	if x.faulty && x.fault.Kind != FaultSlowBody && !x.fault.effectBeforeDelay() {
		wait += x.fault.Delay
	}
	if !sleep(ctx, wait) {
		s.depart(x, 0)
		return
	}
	answer := s.answer(x, r.URL.RawQuery)
	if x.faulty && x.fault.effectBeforeDelay() && !sleep(ctx, x.fault.Delay) {
		s.depart(x, 0)
		return
	}
	s.depart(x, x.sentStatus(answer.status))
	answer.header.Set("Date", s.Now().Format(http.TimeFormat))
	x.fault.send(ctx, w, answer)
}

// arrive counts a request and picks the fault that will hit it.
func (s *Simulator) arrive(r *http.Request, body []byte) *exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, gateway := cleanPath(r.URL.Path)
	s.journal.count(r.Method, path)
	x := &exchange{
		call:    &call{method: r.Method, path: path, query: r.URL.Query(), header: r.Header, body: body},
		gateway: gateway,
		agent:   r.UserAgent(),
		arrived: s.clock.now(),
		latency: s.behaviour.Latency,
	}
	x.fault, x.faulty = s.nextFault(r.Method, path)
	return x
}

// answer lets the request take effect, unless the fault comes before, and returns the reply, unless the fault replaces it.
func (s *Simulator) answer(x *exchange, rawQuery string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.call.now = s.clock.now()
	if !x.faulty {
		return s.dispatch(x, rawQuery)
	}
	var served reply
	if x.fault.takesEffect() {
		served = s.dispatch(x, rawQuery)
	}
	return x.fault.replace(served, x.call.now, s.behaviour.RateLimitForm)
}

// dispatch serves a request as the Manager does. The lock must be held.
func (s *Simulator) dispatch(x *exchange, rawQuery string) reply {
	if limited, isLimited := s.limitRate(x.call); isLimited {
		return limited
	}
	if _, err := url.ParseQuery(rawQuery); err != nil {
		return replyTo(failureOf(http.StatusBadRequest, codeInvalidRequest, "HTTP 400 Bad Request", nil))
	}
	found, err := s.find(x.call, x.gateway)
	if err != nil {
		return replyTo(err)
	}
	s.sweep(x.call.now)
	s.sweepTokens(x.call.now)
	answer, err := found(x.call)
	if err != nil {
		return replyTo(err)
	}
	return answer
}

// depart records a request with the status of its reply.
func (s *Simulator) depart(x *exchange, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.record(Request{
		Time:      x.arrived,
		Method:    x.call.method,
		Path:      x.call.path,
		Gateway:   x.gateway,
		Query:     x.call.query,
		UserAgent: x.agent,
		Status:    status,
		Fault:     x.fault.Kind,
	})
}

// sentStatus is the status that the client sees.
func (x *exchange) sentStatus(status int) int {
	if x.fault.Kind == FaultResetBefore || x.fault.Kind == FaultResetAfter {
		return 0
	}
	return status
}

// sleep waits and reports whether the client is still there.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
