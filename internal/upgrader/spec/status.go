package spec

import (
	"fmt"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// Status is how an upgrader is doing, as far as its platform can tell. Times are
// zero where there is nothing to tell.
type Status struct {
	// DelegateName is the workload that the upgrader's own configuration names.
	DelegateName string
	// Image is the upgrader's own.
	Image string
	// Suspended upgraders change no image: see Upgrader.AutoUpgrade.
	Suspended bool
	Schedule  string
	TimeZone  string
	// NextRun is zero for an upgrader that starts no run.
	NextRun time.Time
	// LastRun is when the last run began, LastSuccess when the last one that
	// succeeded ended.
	LastRun     time.Time
	LastSuccess time.Time
	LastFailure *RunFailure
	// Running tells that a run is under way or, where runs can't be seen from
	// outside, that the upgrader's container runs.
	Running bool
	// Container is set on Docker alone.
	Container *ContainerState
	// Problems are what keeps the upgrader from upgrading, in full sentences.
	Problems []string
	// Unseen is what could not be looked at, and is left out for that.
	Unseen []Finding
	// Findings are what a user should know besides.
	Findings []Finding
}

// RunFailure is how a run has failed, or why one can't go on.
type RunFailure struct {
	// Time is when the run ended or, if it hasn't, when it began.
	Time time.Time
	// Reason is the platform's word for it, such as ImagePullBackOff.
	Reason string
	// ExitCode is nil where no program has ended.
	ExitCode *int64
	// Message is what else is known, in full sentences.
	Message string
}

// ContainerState is the state of an upgrader that is a container itself.
type ContainerState struct {
	// State is the engine's word for it, such as running or exited.
	State     string
	StartedAt time.Time
	// Restarts counts how often the engine has started it again after its end.
	Restarts int64
}

// Problem is all that is wrong in one text, empty if nothing is.
func (s Status) Problem() string { return strings.Join(s.Problems, " ") }

// Due fills in the next run. A schedule that can't be read is left out, and one
// that never comes is a problem.
func (s *Status) Due(timing delegate.RunTimes, now time.Time) {
	next, err := timing.Next(now)
	switch {
	case err != nil:
		s.Unseen = append(s.Unseen, Finding{
			Summary: "Next Run Not Known",
			Detail:  fmt.Sprintf("The next run of the upgrader can't be told: %s.", err),
		})
	case next.IsZero():
		s.Problems = append(s.Problems, fmt.Sprintf("No date matches its schedule, %q, so that it never runs.", timing.Schedule))
	default:
		s.NextRun = next
	}
}
