package dockertest

import (
	"net/http"
	"regexp"
	"slices"
)

// FaultKind is what happens to a request instead of its reply.
type FaultKind int

// Kinds of faults.
const (
	// FaultRefuse cuts the connection before the engine gets the request.
	FaultRefuse FaultKind = iota + 1
	// FaultCut lets the engine do its work and cuts the connection before the reply.
	FaultCut
	// FaultHang never answers. It ends with the client's patience, with ClearFaults or with Stop.
	FaultHang
	// FaultStatus answers with Status instead of the engine.
	FaultStatus
	// FaultNone does nothing but call Before: it tells of a request.
	FaultNone
)

// Fault makes requests go wrong.
type Fault struct {
	Kind FaultKind
	// Method is the method of the requests; empty is any.
	Method string
	// Path matches the path without the version of the API; nil is any.
	Path *regexp.Regexp
	// Skip is how many such requests pass before the fault; Times is how many it hits, and zero is all.
	Skip, Times int
	// Status is the reply's for FaultStatus, 500 if zero.
	Status int
	// Before is called when the fault hits, if it is set. The request waits for it: the moment to end a process.
	Before func()
}

// armed is a fault in force.
type armed struct {
	Fault
	seen int
	// cleared is closed when the fault is taken back.
	cleared chan struct{}
}

func (a *armed) matches(method, path string) bool {
	return (a.Method == "" || a.Method == method) && (a.Path == nil || a.Path.MatchString(path))
}

// hits counts a request that matches, and reports whether it is one that the fault is for.
func (a *armed) hits() bool {
	a.seen++
	return a.seen > a.Skip && (a.Times == 0 || a.seen <= a.Skip+a.Times)
}

// Inject puts a fault in force. Of those that are meant for a request, the first injected hits it.
func (p *Proxy) Inject(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.Status == 0 {
		f.Status = http.StatusInternalServerError
	}
	p.faults = append(p.faults, &armed{Fault: f, cleared: make(chan struct{})})
}

// ClearFaults takes all faults back. Requests that hang are cut.
func (p *Proxy) ClearFaults() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		close(f.cleared)
	}
	p.faults = nil
}

// faultFor counts the request and picks the fault that hits it.
func (p *Proxy) faultFor(r *http.Request) *armed {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[r.Method+" "+template(r.URL.Path)]++
	path := unversioned(r.URL.Path)
	hit := slices.IndexFunc(p.faults, func(a *armed) bool { return a.matches(r.Method, path) && a.hits() })
	if hit < 0 {
		return &armed{Fault: Fault{Kind: FaultNone}}
	}
	return p.faults[hit]
}
