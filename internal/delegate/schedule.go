package delegate

import (
	"errors"
	"fmt"
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

const (
	// starBit is how the parser marks a field that was written as a star.
	starBit = 1 << 63

	allDaysOfMonth = 0xfffffffe
	allDaysOfWeek  = 0x7f
)

// ParseSchedule reads a schedule. The error names the field at fault.
func ParseSchedule(text string) (Schedule, error) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return Schedule{}, errors.New("the schedule is empty")
	}
	if name, _, found := strings.Cut(trimmed, "="); found && (name == "TZ" || name == "CRON_TZ") {
		return Schedule{}, fmt.Errorf("a schedule can't have %s= in front, because Kubernetes refuses it; remove it, and set the argument kubernetes.timezone instead", name)
	}
	parsed, err := cron.ParseStandard(trimmed)
	if err != nil {
		return Schedule{}, scheduleError(trimmed, err)
	}
	switch schedule := parsed.(type) {
	case cron.ConstantDelaySchedule:
		return Schedule{text: trimmed, every: schedule.Delay}, nil
	case *cron.SpecSchedule:
		if err := checkNoEmptyField(trimmed); err != nil {
			return Schedule{}, err
		}
		if schedule.Next(calendarStart).IsZero() {
			return Schedule{}, errors.New("it never runs, because no date has its day and month")
		}
		return Schedule{text: trimmed, when: newFields(schedule)}, nil
	default:
		return Schedule{}, fmt.Errorf("%q is of a kind that isn't known here", text)
	}
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
