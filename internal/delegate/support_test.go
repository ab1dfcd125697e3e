package delegate_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

func date(tb testing.TB, text string) time.Time {
	tb.Helper()
	result, err := time.Parse(time.DateOnly, text)
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

func TestWindowOfVersion(t *testing.T) {
	version := mustVersion(t, "24.12.84800.minimal")
	if got, want := version.Window(), (delegate.Window{EndOfSupport: date(t, "2025-06-01"), EndOfLife: date(t, "2025-08-01")}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Harness's list of supported images counts from the day on which an image was
// pushed, and isn't of one mind with itself: in two of its rows dates are a day
// off plain calendar arithmetic, once to either side.
func TestWindowFrom_publishedDates(t *testing.T) {
	for _, tc := range []struct {
		image, pushed   string
		support, life   string
		supportOff, off int // the days by which the published dates are later than ours
	}{
		{"24.05.82711", "2024-05-30", "2024-11-29", "2025-01-29", -1, -1},
		{"24.08.83706", "2025-02-26", "2025-08-26", "2025-10-27", 0, 1},
		{"25.07.86300", "2025-07-17", "2026-01-17", "2026-03-17", 0, 0},
		{"25.07.86401", "2025-07-31", "2026-01-31", "2026-03-31", 0, 0},
	} {
		t.Run(tc.image, func(t *testing.T) {
			got := delegate.WindowFrom(date(t, tc.pushed))
			if want := date(t, tc.support).AddDate(0, 0, -tc.supportOff); !got.EndOfSupport.Equal(want) {
				t.Errorf("end of support %s, want %s", got.EndOfSupport, want)
			}
			if want := date(t, tc.life).AddDate(0, 0, -tc.off); !got.EndOfLife.Equal(want) {
				t.Errorf("end of life %s, want %s", got.EndOfLife, want)
			}
		})
	}
}

func TestWindowFrom_calendar(t *testing.T) {
	for name, tc := range map[string]struct{ released, support, life string }{
		"within a year":                     {"2024-01-15T00:00:00Z", "2024-07-15", "2024-09-15"},
		"over the end of a year":            {"2024-08-02T00:00:00Z", "2025-02-02", "2025-04-02"},
		"the last day of a year":            {"2024-12-31T00:00:00Z", "2025-06-30", "2025-08-31"},
		"31 August before a leap year":      {"2023-08-31T00:00:00Z", "2024-02-29", "2024-04-30"},
		"31 August before a common year":    {"2024-08-31T00:00:00Z", "2025-02-28", "2025-04-30"},
		"30 August before a common year":    {"2024-08-30T00:00:00Z", "2025-02-28", "2025-04-30"},
		"eight months to a leap day":        {"2023-06-30T00:00:00Z", "2023-12-30", "2024-02-29"},
		"from a leap day":                   {"2024-02-29T00:00:00Z", "2024-08-29", "2024-10-29"},
		"a century that is no leap year":    {"2099-08-31T00:00:00Z", "2100-02-28", "2100-04-30"},
		"late in the day":                   {"2024-04-30T23:59:59Z", "2024-10-30", "2024-12-30"},
		"a zone that is a day ahead":        {"2024-05-01T01:00:00+02:00", "2024-10-30", "2024-12-30"},
		"a zone that is a day behind":       {"2024-04-30T22:00:00-05:00", "2024-11-01", "2025-01-01"},
		"a zone ahead over the end of year": {"2025-01-01T00:30:00+01:00", "2025-06-30", "2025-08-31"},
	} {
		t.Run(name, func(t *testing.T) {
			released, err := time.Parse(time.RFC3339, tc.released)
			if err != nil {
				t.Fatal(err)
			}
			want := delegate.Window{EndOfSupport: date(t, tc.support), EndOfLife: date(t, tc.life)}
			if got := delegate.WindowFrom(released); got != want {
				t.Errorf("released %s: got %v, want %v", tc.released, got, want)
			}
		})
	}
}

// The month is always the sixth and the eighth after, and the day the same or
// the last of the month; and a release of the first counts as its month does.
func TestWindowFrom_laws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		released := time.Date(2000, time.January, 1+rapid.IntRange(0, 36500).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		window := delegate.WindowFrom(released)
		for months, end := range map[int]time.Time{delegate.MonthsToEndOfSupport: window.EndOfSupport, delegate.MonthsToEndOfLife: window.EndOfLife} {
			if got := (end.Year()-released.Year())*12 + int(end.Month()) - int(released.Month()); got != months {
				t.Errorf("%s to %s are %d months, want %d", released, end, got, months)
			}
			if end.Day() != released.Day() && (end.Day() > released.Day() || end.AddDate(0, 0, 1).Day() != 1) {
				t.Errorf("%s to %s is neither the same day nor the month's last", released, end)
			}
		}
	})
}

func TestStatusAt(t *testing.T) {
	window := mustVersion(t, "24.04.82804").Window()
	berlin := time.FixedZone("", 2*60*60)
	for _, tc := range []struct {
		at   time.Time
		want delegate.SupportStatus
	}{
		{time.Time{}, delegate.Supported},
		{time.Date(2024, time.September, 30, 23, 59, 59, 999999999, time.UTC), delegate.Supported},
		{time.Date(2024, time.October, 1, 0, 0, 0, 0, time.UTC), delegate.EndOfSupport},
		{time.Date(2024, time.October, 1, 1, 59, 59, 0, berlin), delegate.Supported},
		{time.Date(2024, time.October, 1, 2, 0, 0, 0, berlin), delegate.EndOfSupport},
		{time.Date(2024, time.November, 30, 23, 59, 59, 0, time.UTC), delegate.EndOfSupport},
		{time.Date(2024, time.December, 1, 0, 0, 0, 0, time.UTC), delegate.EndOfLife},
		{time.Date(2031, time.January, 1, 0, 0, 0, 0, time.UTC), delegate.EndOfLife},
	} {
		if got := window.StatusAt(tc.at); got != tc.want {
			t.Errorf("at %s it is %s, want %s", tc.at, got, tc.want)
		}
	}
}

// The policy's own words: in a release month, versions of six months before
// have reached their end of support, and those of eight months before the end
// of their life.
func TestStatusAt_policy(t *testing.T) {
	for _, tc := range []struct {
		month, version string
		want           delegate.SupportStatus
	}{
		{"2024-04-01", "23.08.80300", delegate.EndOfLife},
		{"2024-04-01", "23.09.80505", delegate.EndOfSupport},
		{"2024-04-01", "23.10.81000", delegate.EndOfSupport},
		{"2024-04-01", "23.11.81401", delegate.Supported},
		{"2024-05-01", "23.09.80505", delegate.EndOfLife},
		{"2024-05-01", "23.11.81401", delegate.EndOfSupport},
		{"2024-05-01", "23.12.81803", delegate.Supported},
	} {
		if got := mustVersion(t, tc.version).Window().StatusAt(date(t, tc.month)); got != tc.want {
			t.Errorf("%s in the month of %s is %s, want %s", tc.version, tc.month, got, tc.want)
		}
	}
}

func TestParseReleaseDate(t *testing.T) {
	for text, want := range map[string]string{
		"2024-04-30":                     "2024-04-30",
		"2024-02-29":                     "2024-02-29",
		"2000-01-01":                     "2000-01-01",
		"2099-12-31":                     "2099-12-31",
		"2024-04-30T23:59:59Z":           "2024-04-30",
		"2024-04-30T23:59:59.999Z":       "2024-04-30",
		"2024-05-01T01:00:00+02:00":      "2024-04-30",
		"2024-04-30T22:00:00-05:00":      "2024-05-01",
		"2100-01-01T01:00:00+02:00":      "2099-12-31",
		"2024-02-28T23:00:00-01:00":      "2024-02-29",
		"2024-03-01T00:00:00.5+00:00":    "2024-03-01",
		"2024-12-31T20:00:00.123-04:00":  "2025-01-01",
		"2023-02-28T19:30:00.25-04:30":   "2023-03-01",
		"2024-01-01T05:29:59.9999+05:30": "2023-12-31",
	} {
		got, err := delegate.ParseReleaseDate(text)
		if err != nil || got != date(t, want) {
			t.Errorf("ParseReleaseDate(%q) = %s, %v; want the start of %s in UTC", text, got, err, want)
		}
	}
}

func TestParseReleaseDate_refuses(t *testing.T) {
	for name, tc := range map[string]struct{ text, says string }{
		"empty":                     {"", "is not a date such as 2024-04-30"},
		"a month":                   {"2024-04", "is not a date"},
		"another order":             {"30.04.2024", "is not a date"},
		"a day that doesn't exist":  {"2023-02-29", "is not a date"},
		"a month that doesn't":      {"2024-13-01", "is not a date"},
		"a time without a zone":     {"2024-04-30T12:00:00", "is not a date"},
		"a blank":                   {" 2024-04-30", "is not a date"},
		"a time of day on its own":  {"12:00:00Z", "is not a date"},
		"two digits of a year":      {"0024-04-30", "is not in the years 2000 to 2099"},
		"before all versions":       {"1999-12-31", "is not in the years 2000 to 2099"},
		"after all versions":        {"2100-01-01", "is not in the years 2000 to 2099"},
		"before them by its zone":   {"2000-01-01T00:00:00+01:00", "is not in the years 2000 to 2099"},
		"after all of them by zone": {"2099-12-31T23:30:00-01:00", "is not in the years 2000 to 2099"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := delegate.ParseReleaseDate(tc.text)
			if err == nil || !strings.Contains(err.Error(), tc.says) || !strings.HasPrefix(err.Error(), `"`+tc.text+`"`) {
				t.Errorf("ParseReleaseDate(%q) = %s, %v; want an error that names the text and says %q", tc.text, got, err, tc.says)
			}
		})
	}
}

func FuzzParseReleaseDate(f *testing.F) {
	for _, seed := range []string{"2024-04-30", "2024-02-29", "2024-05-01T01:00:00+02:00", "2099-12-31T23:59:59.5Z", "0000-00-00", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		released, err := delegate.ParseReleaseDate(text)
		if err != nil {
			return
		}
		if again, err := delegate.ParseReleaseDate(released.Format(time.DateOnly)); err != nil || again != released {
			t.Errorf("%q is %s, which isn't read again as itself: %s, %v", text, released, again, err)
		}
		window := delegate.WindowFrom(released)
		if !released.Before(window.EndOfSupport) || !window.EndOfSupport.Before(window.EndOfLife) {
			t.Errorf("%q: the window %v is in disorder", text, window)
		}
	})
}
