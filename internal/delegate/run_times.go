package delegate

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// RunTimes is when runs start, by the rules of Kubernetes' own CronJob
// controller.
type RunTimes struct {
	// Schedule is a cron expression. One from before Kubernetes refused it may
	// have its time zone in front, as TZ= or CRON_TZ=.
	Schedule string
	// TimeZone is a name of the time zone database, such as Europe/Berlin. It
	// counts for nothing where the schedule names one itself. Empty is UTC, which
	// is what control planes run in.
	TimeZone string
	// From is what @every counts from: the last run, or else the upgrader's
	// creation. Other schedules don't depend on it.
	From time.Time
}

// Next is the first moment after another at which a run is due, in UTC; it is
// zero if no run is ever due. When a clock is put forward, a run in the hour that
// is left out is left out; when it is put back, one in the hour that comes twice
// comes twice. The error says what can't be read.
func (t RunTimes) Next(after time.Time) (time.Time, error) {
	schedule, err := t.parse()
	if err != nil {
		return time.Time{}, err
	}
	if every, ok := schedule.(cron.ConstantDelaySchedule); ok {
		return t.nextOfEvery(every.Delay, after), nil
	}
	next := schedule.Next(after.UTC())
	if next.IsZero() {
		return time.Time{}, nil
	}
	return next.UTC(), nil
}

// nextOfEvery counts in whole steps, in whole seconds as the controller does.
func (t RunTimes) nextOfEvery(delay time.Duration, after time.Time) time.Time {
	first := t.From.Add(delay).Truncate(time.Second)
	if first.After(after) {
		return first.UTC()
	}
	return after.Add(delay - after.Sub(first)%delay).UTC()
}

// parse reads the schedule with its time zone in front.
func (t RunTimes) parse() (cron.Schedule, error) {
	text := strings.TrimSpace(t.Schedule)
	zone, rest, _ := strings.Cut(text, " ")
	_, zone, inSchedule := strings.Cut(zone, "=")
	switch {
	case !strings.Contains(text, "TZ"):
		zone, rest = t.TimeZone, text
	case !inSchedule:
		return nil, fmt.Errorf("the schedule %q has a time zone in a place where none can be", text)
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return nil, fmt.Errorf("the time zone %q is not in the time zone database of this machine: %w", zone, err)
	}
	if zone == "" {
		zone = time.UTC.String()
	}
	rest = strings.TrimSpace(rest)
	schedule, err := cron.ParseStandard("CRON_TZ=" + zone + " " + rest)
	if err != nil {
		return nil, fmt.Errorf("the schedule %q can't be read: %w", text, scheduleError(rest, err))
	}
	return schedule, nil
}
