package delegate

import (
	"math/bits"
	"time"
)

// The documented range of the longest time between two runs. Outside it the upgrader
// works, but Harness shows the delegate as not upgraded automatically.
const (
	MinRunInterval = time.Minute
	MaxRunInterval = 90 * time.Minute
)

const day = 24 * time.Hour

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
