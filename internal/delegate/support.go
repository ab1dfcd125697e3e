package delegate

import (
	"fmt"
	"time"
)

// Window is until when Harness's published policy supports a delegate image.
//
// Two other clocks look like it and are not meant here: the expiry that the
// Manager shows for a delegate, which it computes anew at each read from its
// own version and so moves along, and the three months that a text of the API
// speaks of.
type Window struct {
	// EndOfSupport is the first moment (UTC) without product fixes.
	EndOfSupport time.Time
	// EndOfLife is the first moment (UTC) without security fixes.
	EndOfLife time.Time
}

// Window counts from the release month in the version. For a late patch of an
// old month, which Harness supports from its own release on, that is too
// strict by months; WindowFrom is for those.
func (v Version) Window() Window {
	return Window{EndOfSupport: v.EndOfSupport(), EndOfLife: v.EndOfLife()}
}

// WindowFrom counts from the day (UTC) on which an image was released. Harness
// publishes dates counted in this way, some of which are a day off.
func WindowFrom(released time.Time) Window {
	return Window{
		EndOfSupport: monthsAfter(released, MonthsToEndOfSupport),
		EndOfLife:    monthsAfter(released, MonthsToEndOfLife),
	}
}

// monthsAfter is the start (UTC) of the same day of a later month, or of that
// month's last day where it is too short: six months after 31 August is the
// end of February, not a day in March.
func monthsAfter(from time.Time, months int) time.Time {
	year, month, day := from.UTC().Date()
	later := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).AddDate(0, months, 0)
	lastDay := later.AddDate(0, 1, -1).Day()
	return later.AddDate(0, 0, min(day, lastDay)-1)
}

// SupportStatus is how far Harness supports an image at some time.
type SupportStatus string

// The support statuses, in the order in which an image goes through them.
const (
	// Supported images get product fixes and security fixes.
	Supported SupportStatus = "supported"
	// EndOfSupport has come: no product fixes, but still security fixes.
	EndOfSupport SupportStatus = "end_of_support"
	// EndOfLife has come: no fixes at all. The delegate goes on working.
	EndOfLife SupportStatus = "end_of_life"
)

// StatusAt is the status at a time. Each end belongs to the status after it.
func (w Window) StatusAt(at time.Time) SupportStatus {
	switch {
	case at.Before(w.EndOfSupport):
		return Supported
	case at.Before(w.EndOfLife):
		return EndOfSupport
	default:
		return EndOfLife
	}
}

// The years that versions can tell, and so those of releases.
const (
	firstReleaseYear = 2000
	lastReleaseYear  = 2099
)

// ParseReleaseDate reads the day on which an image was released: a date such
// as 2024-04-30, or a time of RFC 3339, whose day in UTC counts. The result is
// the start of that day.
func ParseReleaseDate(text string) (time.Time, error) {
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		if date, err = time.Parse(time.RFC3339, text); err != nil {
			return time.Time{}, fmt.Errorf("%q is not a date such as 2024-04-30 or a time such as 2024-04-30T12:00:00Z (RFC 3339)", text)
		}
	}
	year, month, day := date.UTC().Date()
	if year < firstReleaseYear || year > lastReleaseYear {
		return time.Time{}, fmt.Errorf("%q is not in the years %d to %d, which versions can tell", text, firstReleaseYear, lastReleaseYear)
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC), nil
}
