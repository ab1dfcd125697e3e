package simulator

import (
	"maps"
	"net/url"
	"slices"
	"time"
)

// maxRequests bounds the log of requests; the oldest are dropped.
const maxRequests = 10_000

// CounterTotal is the name of the counter over all requests.
const CounterTotal = "total"

// Request is one entry of the log. It holds no header, hence no key.
type Request struct {
	// Time is the simulated time of arrival.
	Time time.Time `json:"time"`
	// Method is the HTTP method.
	Method string `json:"method"`
	// Path is the path without /gateway.
	Path string `json:"path"`
	// Gateway tells whether the path came with /gateway.
	Gateway bool `json:"gateway,omitempty"`
	// Query holds the decoded query parameters.
	Query url.Values `json:"query,omitempty"`
	// UserAgent is how the client names itself.
	UserAgent string `json:"userAgent,omitempty"`
	// Status is the status that was sent, 0 if the connection was reset or the client had gone.
	Status int `json:"status"`
	// Fault is the kind of the fault that was applied, if any.
	Fault FaultKind `json:"fault,omitempty"`
}

// journal counts and remembers requests. It is guarded by the Simulator's lock.
type journal struct {
	counters map[string]int
	requests []Request
}

// count registers the arrival of a request.
func (j *journal) count(method, path string) {
	if j.counters == nil {
		j.counters = map[string]int{}
	}
	j.counters[CounterTotal]++
	j.counters[method+" "+path]++
}

// record registers a request that is about to be answered.
func (j *journal) record(r Request) {
	if len(j.requests) >= maxRequests {
		j.requests = slices.Delete(j.requests, 0, maxRequests/10)
	}
	j.requests = append(j.requests, r)
}

// Counters returns how many requests arrived per "METHOD /path", the path without /gateway, and in total
// under CounterTotal. Requests hit by a fault and repeated requests count as well; requests to the admin API do not.
func (s *Simulator) Counters() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counters := maps.Clone(s.journal.counters)
	if counters == nil {
		counters = map[string]int{}
	}
	return counters
}

// ResetCounters forgets the counters and the log of requests.
func (s *Simulator) ResetCounters() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = journal{}
}

// Requests returns the log of requests in the order they were answered, at most the last ten thousand or so.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.journal.requests)
}
