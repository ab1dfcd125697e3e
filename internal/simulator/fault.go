package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind names what goes wrong.
type FaultKind string

const (
	// FaultLatency waits Delay, then serves the request as usual.
	FaultLatency FaultKind = "latency"
	// FaultStatus replies with Status instead of serving the request. Form, Body, RetryAfter and RetryAfterDate shape the reply.
	FaultStatus FaultKind = "status"
	// FaultResetBefore resets the connection before the request takes effect.
	FaultResetBefore FaultKind = "reset-before"
	// FaultResetAfter lets the request take effect, then resets the connection instead of replying.
	FaultResetAfter FaultKind = "reset-after"
	// FaultTruncated serves the request, announces the full Content-Length and closes the connection half-way.
	FaultTruncated FaultKind = "truncated"
	// FaultTruncatedChunked serves the request in chunks and closes the connection half-way, without the last chunk.
	FaultTruncatedChunked FaultKind = "truncated-chunked"
	// FaultHTML replies with an HTML page, with Status or else 200, as a proxy or a maintenance page would.
	FaultHTML FaultKind = "html"
	// FaultEmptyBody serves the request but leaves the body out.
	FaultEmptyBody FaultKind = "empty-body"
	// FaultSlowBody serves the request and dribbles the body in small pieces, Delay apart.
	FaultSlowBody FaultKind = "slow-body"
	// FaultExpiredKey replies that the key is not valid, whatever the key.
	FaultExpiredKey FaultKind = "expired-key"
	// FaultRedirect redirects to a login page.
	FaultRedirect FaultKind = "redirect"
	// FaultOversizeBody serves the request and pads the body with Size bytes of white space, so that it stays valid JSON.
	FaultOversizeBody FaultKind = "oversize-body"
)

// faultKinds lists every kind for validation and help.
func faultKinds() []FaultKind {
	return []FaultKind{
		FaultLatency, FaultStatus, FaultResetBefore, FaultResetAfter, FaultTruncated, FaultTruncatedChunked, FaultHTML,
		FaultEmptyBody, FaultSlowBody, FaultExpiredKey, FaultRedirect, FaultOversizeBody,
	}
}

// BodyForm is the kind of body that a FaultStatus replies with.
type BodyForm string

const (
	// BodyFormJSON is the Manager's own error body.
	BodyFormJSON BodyForm = "json"
	// BodyFormHTML is an error page as a load balancer shows it.
	BodyFormHTML BodyForm = "html"
	// BodyFormText is plain text.
	BodyFormText BodyForm = "text"
)

const (
	defaultOversize  = 32 << 20
	defaultDribble   = 100 * time.Millisecond
	dribbledPieceLen = 8
)

// Fault is something that goes wrong on demand for the requests it matches.
type Fault struct {
	// Method is the HTTP method to match; empty matches any.
	Method string `json:"method,omitempty"`
	// Path is the end of the path to match; empty matches any.
	Path string `json:"path,omitempty"`
	// Skip lets the first so many matching requests pass.
	Skip int `json:"skip,omitempty"`
	// Count is how many matching requests are hit; 0 hits all until the faults are cleared.
	Count int `json:"count,omitempty"`
	// Kind is what goes wrong. Empty means FaultStatus if Status is set, else FaultLatency.
	Kind FaultKind `json:"kind,omitempty"`
	// Status is the status of FaultStatus and FaultHTML.
	Status int `json:"status,omitempty"`
	// Form is the body of FaultStatus. Empty means BodyFormJSON, and for status 429 the form that Behaviour.RateLimitForm names.
	Form BodyForm `json:"form,omitempty"`
	// Body replaces the body of FaultStatus.
	Body string `json:"body,omitempty"`
	// Delay is waited before anything else; for FaultSlowBody it is the pause between two pieces, 100 ms if not set.
	Delay time.Duration `json:"delay,omitempty"`
	// RetryAfter adds the header Retry-After to FaultStatus, rounded up to whole seconds.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
	// RetryAfterDate writes Retry-After as a date of the simulated clock instead of seconds.
	RetryAfterDate bool `json:"retryAfterDate,omitempty"`
	// AfterEffect lets the request take effect before FaultStatus, FaultHTML, FaultExpiredKey or FaultRedirect replaces the
	// reply, or before FaultLatency waits: a gateway that gave up on a Manager that did the work.
	AfterEffect bool `json:"afterEffect,omitempty"`
	// Size is how many bytes FaultOversizeBody adds, 32 MiB if not set.
	Size int64 `json:"size,omitempty"`
}

// Validate refuses faults that could never be applied.
func (f Fault) Validate() error {
	kind := f.withDefaults().Kind
	switch {
	case !slices.Contains(faultKinds(), kind):
		return fmt.Errorf("fault kind %q is not known", f.Kind)
	case !slices.Contains([]BodyForm{"", BodyFormJSON, BodyFormHTML, BodyFormText}, f.Form):
		return fmt.Errorf("fault form %q is not known", f.Form)
	case kind == FaultStatus && f.Status == 0:
		return fmt.Errorf("fault of kind status needs a status")
	case f.Status != 0 && !isFinalStatus(f.Status):
		return fmt.Errorf("fault status %d is not between 200 and 599", f.Status)
	case min(f.Skip, f.Count) < 0 || min(f.Delay, f.RetryAfter) < 0 || f.Size < 0:
		return fmt.Errorf("fault has a negative number")
	case kind == FaultLatency && f.Delay == 0:
		return fmt.Errorf("fault of kind latency needs a delay")
	}
	return nil
}

// withDefaults fills in what is not set, and a status that cannot be sent.
func (f Fault) withDefaults() Fault {
	if f.Kind == "" {
		f.Kind = FaultLatency
		if f.Status != 0 {
			f.Kind = FaultStatus
		}
	}
	if f.Kind == FaultHTML && f.Status == 0 {
		f.Status = http.StatusOK
	}
	if f.Kind == FaultHTML || f.Kind == FaultStatus {
		if !isFinalStatus(f.Status) {
			f.Status = http.StatusInternalServerError
		}
	}
	return f
}

// isFinalStatus reports whether a reply can end with this status.
func isFinalStatus(status int) bool {
	return status >= http.StatusOK && status <= 599
}

func (f Fault) matches(method, path string) bool {
	return (f.Method == "" || strings.EqualFold(f.Method, method)) && strings.HasSuffix(path, f.Path)
}

// takesEffect reports whether the request is served although its reply is lost or damaged.
func (f Fault) takesEffect() bool {
	switch f.Kind {
	case FaultStatus, FaultHTML, FaultExpiredKey, FaultRedirect:
		return f.AfterEffect
	case FaultResetBefore:
		return false
	default:
		return true
	}
}

// Inject adds a fault. Of several faults that match a request, the one injected first is applied.
// A fault that Validate refuses is applied as well as it can be.
func (s *Simulator) Inject(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f.withDefaults())
}

// Faults returns the faults still to come, with Skip and Count as far as they are used up.
func (s *Simulator) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// ClearFaults removes all faults.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// nextFault picks the fault for a request and uses it up. The lock must be held.
func (s *Simulator) nextFault(method, path string) (Fault, bool) {
	for i := range s.faults {
		f := &s.faults[i]
		if !f.matches(method, path) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		hit := *f
		switch f.Count {
		case 0:
		case 1:
			s.faults = slices.Delete(s.faults, i, i+1)
		default:
			f.Count--
		}
		return hit, true
	}
	return Fault{}, false
}

// faultFields is a Fault without methods, so that its JSON form can be extended.
type faultFields Fault

// faultJSON replaces the durations by their readable form.
type faultJSON struct {
	*faultFields
	Delay      durationText `json:"delay,omitzero"`
	RetryAfter durationText `json:"retryAfter,omitzero"`
}

// MarshalJSON writes durations as text.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{
		faultFields: (*faultFields)(&f),
		Delay:       durationText(f.Delay),
		RetryAfter:  durationText(f.RetryAfter),
	})
}

// UnmarshalJSON reads durations from text and refuses unknown fields.
func (f *Fault) UnmarshalJSON(data []byte) error {
	var read Fault
	form := faultJSON{faultFields: (*faultFields)(&read)}
	if err := strictDecode(data, &form); err != nil {
		return err
	}
	read.Delay = time.Duration(form.Delay)
	read.RetryAfter = time.Duration(form.RetryAfter)
	*f = read
	return nil
}

// FaultHelp lists every kind of fault, one per line.
func FaultHelp() string {
	var help strings.Builder
	for _, kind := range faultKinds() {
		help.WriteString(string(kind) + "\n")
	}
	return help.String()
}
