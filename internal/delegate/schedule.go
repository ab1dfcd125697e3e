package delegate

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is a cron expression as Kubernetes reads it: five fields, or a
// descriptor such as @hourly.
type Schedule struct {
	text string
	// every is set for @every, and days and times for all else.
	every time.Duration
	when  fields
}

// fields are the moments at which a schedule runs, as sets of numbers. Two
// schedules that are written differently and run at the same moments have equal
// fields.
type fields struct {
	minutes, hours, months uint64
	daysOfMonth            uint64
	daysOfWeek             uint64
	// eitherDay is cron's rule that a day counts if one of two restricted day
	// fields has it; otherwise both must have it.
	eitherDay bool
}

// The documented range of the longest time between two runs. Outside it the upgrader
// works, but Harness shows the delegate as not upgraded automatically.
const (
	MinRunInterval = time.Minute
	MaxRunInterval = 90 * time.Minute
)

const (
	day = 24 * time.Hour
	// starBit is how the parser marks a field that was written as a star.
	starBit = 1 << 63

	allDaysOfMonth = 0xfffffffe
	allDaysOfWeek  = 0x7f
)

// fieldParsers read the fields one by one, to find out which one is at fault.
var fieldParsers = []struct {
	name   string
	parser cron.Parser
}{
	{"minute", cron.NewParser(cron.Minute)},
	{"hour", cron.NewParser(cron.Hour)},
	{"day of month", cron.NewParser(cron.Dom)},
	{"month", cron.NewParser(cron.Month)},
	{"day of week", cron.NewParser(cron.Dow)},
}

// ParseSchedule reads a schedule. The error names the field at fault.
func ParseSchedule(text string) (Schedule, error) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return Schedule{}, errors.New("the schedule is empty")
	}
	if name, _, found := strings.Cut(trimmed, "="); found && (name == "TZ" || name == "CRON_TZ") {
		return Schedule{}, fmt.Errorf("%s= in a schedule is refused by Kubernetes; a time zone is set apart from it", name)
	}
	parsed, err := cron.ParseStandard(trimmed)
	if err != nil {
		return Schedule{}, atFault(trimmed, err)
	}
	switch schedule := parsed.(type) {
	case cron.ConstantDelaySchedule:
		return Schedule{text: trimmed, every: schedule.Delay}, nil
	case *cron.SpecSchedule:
		if err := namesValues(trimmed); err != nil {
			return Schedule{}, err
		}
		result := Schedule{text: trimmed, when: newFields(schedule)}
		if result.when.never() {
			return Schedule{}, errors.New("no date matches its day and month, so that it never runs")
		}
		return result, nil
	default:
		return Schedule{}, fmt.Errorf("%q is of a kind that isn't known here", text)
	}
}

// atFault says which field of a schedule can't be read.
func atFault(text string, err error) error {
	parts := strings.Fields(text)
	if strings.HasPrefix(text, "@") {
		return fmt.Errorf("%q is not one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually, and @every with a duration", text)
	}
	if len(parts) != len(fieldParsers) {
		return fmt.Errorf("it has %d fields instead of 5 (minute, hour, day of month, month, day of week)", len(parts))
	}
	for i, field := range fieldParsers {
		if _, fieldErr := field.parser.Parse(parts[i]); fieldErr != nil {
			return fmt.Errorf("field %d (%s), %q: %w", i+1, field.name, parts[i], fieldErr)
		}
	}
	return err
}

// namesValues refuses a field of commas alone, which the parser takes for a list
// without values.
func namesValues(text string) error {
	for i, part := range strings.Fields(text) {
		if strings.Trim(part, ",") == "" {
			return fmt.Errorf("field %d (%s), %q: it names no value", i+1, fieldParsers[i].name, part)
		}
	}
	return nil
}

func newFields(schedule *cron.SpecSchedule) fields {
	const set = ^uint64(starBit)
	result := fields{
		minutes: schedule.Minute & set, hours: schedule.Hour & set, months: schedule.Month & set,
		daysOfMonth: schedule.Dom & set, daysOfWeek: schedule.Dow & set,
		eitherDay: schedule.Dom&starBit == 0 && schedule.Dow&starBit == 0,
	}
	if result.eitherDay && (result.daysOfMonth == allDaysOfMonth || result.daysOfWeek == allDaysOfWeek) {
		result.daysOfMonth, result.daysOfWeek, result.eitherDay = allDaysOfMonth, allDaysOfWeek, false
	}
	return result
}

// String is the text that the schedule was read from.
func (s Schedule) String() string { return s.text }

// Equal tells whether two schedules run at the same moments.
func (s Schedule) Equal(other Schedule) bool {
	return s.every == other.every && s.when == other.when
}

// SameSchedule tells whether two texts are schedules that run at the same
// moments, or the same text.
func SameSchedule(a, b string) bool {
	if a == b {
		return true
	}
	left, leftErr := ParseSchedule(a)
	right, rightErr := ParseSchedule(b)
	return leftErr == nil && rightErr == nil && left.Equal(right)
}

// FiveFields tells whether the schedule is written in five fields, which is all
// that the upgrader on Docker documents.
func (s Schedule) FiveFields() bool { return !strings.HasPrefix(s.text, "@") }

// LongestInterval is the longest time between two runs, changes of the clock apart.
func (s Schedule) LongestInterval() time.Duration {
	if s.every > 0 {
		return s.every
	}
	runs := s.when.minutesOfDay()
	_, skipped := s.when.daysSkipped()
	longest := overnight(runs, skipped)
	for i := 1; i < len(runs); i++ {
		longest = max(longest, runs[i]-runs[i-1])
	}
	return longest
}

// ShortestInterval is the shortest time between two runs, changes of the clock apart.
func (s Schedule) ShortestInterval() time.Duration {
	if s.every > 0 {
		return s.every
	}
	runs := s.when.minutesOfDay()
	skipped, _ := s.when.daysSkipped()
	shortest := overnight(runs, skipped)
	for i := 1; i < len(runs); i++ {
		shortest = min(shortest, runs[i]-runs[i-1])
	}
	return shortest
}

// ShownAsOn tells whether Harness goes on showing the delegate as upgraded
// automatically between all runs: none is further from the next than is
// documented.
func (s Schedule) ShownAsOn() bool { return s.LongestInterval() <= MaxRunInterval }

// overnight is the time from the last run of a day to the first of the next day
// that has any, with days without a run in between.
func overnight(runs []time.Duration, skipped int) time.Duration {
	return runs[0] + day - runs[len(runs)-1] + time.Duration(skipped)*day
}

// minutesOfDay are the times of the runs within a day on which it runs.
func (f fields) minutesOfDay() []time.Duration {
	times := make([]time.Duration, 0, bits.OnesCount64(f.hours)*bits.OnesCount64(f.minutes))
	for hour := range 24 {
		for minute := range 60 {
			if f.hours&(1<<hour) != 0 && f.minutes&(1<<minute) != 0 {
				times = append(times, time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute)
			}
		}
	}
	return times
}

// The calendar repeats after 400 years; the rules on days of week and month
// show all they can within 28, of which none here is a century.
var (
	calendarStart = time.Date(2001, time.January, 1, 0, 0, 0, 0, time.UTC)
	calendarDays  = 28*365 + 7
)

// daysSkipped are the shortest and the longest row of days without a run between
// two days that have any.
func (f fields) daysSkipped() (shortest, longest int) {
	shortest = calendarDays
	row, begun := 0, false
	// Twice around, so that the row across the end counts, too.
	for i := range 2 * calendarDays {
		if !f.runsOn(calendarStart.AddDate(0, 0, i%calendarDays)) {
			row++
			continue
		}
		if begun {
			shortest, longest = min(shortest, row), max(longest, row)
		}
		row, begun = 0, true
	}
	return shortest, longest
}

func (f fields) runsOn(date time.Time) bool {
	if f.months&(1<<int(date.Month())) == 0 {
		return false
	}
	ofMonth := f.daysOfMonth&(1<<date.Day()) != 0
	ofWeek := f.daysOfWeek&(1<<int(date.Weekday())) != 0
	if f.eitherDay {
		return ofMonth || ofWeek
	}
	return ofMonth && ofWeek
}

func (f fields) never() bool {
	for i := range calendarDays {
		if f.runsOn(calendarStart.AddDate(0, 0, i)) {
			return false
		}
	}
	return true
}
