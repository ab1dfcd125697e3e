package delegate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// The runs that follow a moment, one after the other. Berlin's clock goes from 2 to
// 3 on 29 March 2026, and from 3 back to 2 on 25 October.
func TestRunTimes_next(t *testing.T) {
	t.Parallel()
	const created = "2026-01-01T00:00:07Z"
	for name, tc := range map[string]struct {
		schedule, zone, from, after string
		want                        []string
	}{
		"hourly":              {"0 * * * *", "", "", "2026-03-04T05:06:07Z", []string{"2026-03-04T06:00:00Z", "2026-03-04T07:00:00Z"}},
		"at the moment":       {"0 * * * *", "", "", "2026-03-04T06:00:00Z", []string{"2026-03-04T07:00:00Z"}},
		"a second before":     {"0 * * * *", "", "", "2026-03-04T05:59:59.5Z", []string{"2026-03-04T06:00:00Z"}},
		"asked in a zone":     {"0 12 * * *", "", "", "2026-03-04T13:30:00+02:00", []string{"2026-03-04T12:00:00Z"}},
		"descriptor":          {"@hourly", "", "", "2026-03-04T05:06:07Z", []string{"2026-03-04T06:00:00Z"}},
		"daily in UTC":        {"@daily", "", "", "2026-03-04T05:06:07Z", []string{"2026-03-05T00:00:00Z"}},
		"end of the year":     {"0 0 1 1 *", "", "", "2026-12-31T23:59:59Z", []string{"2027-01-01T00:00:00Z"}},
		"leap day":            {"0 0 29 2 *", "", "", "2026-03-01T00:00:00Z", []string{"2028-02-29T00:00:00Z"}},
		"either day":          {"0 0 13 * 5", "", "", "2026-03-07T00:00:00Z", []string{"2026-03-13T00:00:00Z", "2026-03-20T00:00:00Z"}},
		"winter time":         {"30 4 * * *", "Europe/Berlin", "", "2026-01-10T00:00:00Z", []string{"2026-01-10T03:30:00Z"}},
		"summer time":         {"30 4 * * *", "Europe/Berlin", "", "2026-07-10T00:00:00Z", []string{"2026-07-10T02:30:00Z"}},
		"half an hour off":    {"0 * * * *", "Asia/Kolkata", "", "2026-07-10T00:00:00Z", []string{"2026-07-10T00:30:00Z"}},
		"an hour left out":    {"30 2 * * *", "Europe/Berlin", "", "2026-03-28T12:00:00Z", []string{"2026-03-30T00:30:00Z"}},
		"an hour comes twice": {"30 2 * * *", "Europe/Berlin", "", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"}},
		"hourly forward":      {"0 * * * *", "Europe/Berlin", "", "2026-03-29T00:30:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"}},
		"hourly back":         {"0 * * * *", "Europe/Berlin", "", "2026-10-24T23:30:00Z", []string{"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"}},
		"CRON_TZ":             {"CRON_TZ=Asia/Tokyo 0 9 * * *", "", "", "2026-03-04T05:00:00Z", []string{"2026-03-05T00:00:00Z"}},
		"TZ":                  {"TZ=Asia/Tokyo 0 9 * * *", "", "", "2026-03-04T05:00:00Z", []string{"2026-03-05T00:00:00Z"}},
		"CRON_TZ wins":        {"CRON_TZ=Asia/Tokyo  0 9 * * *", "Europe/Berlin", "", "2026-03-04T05:00:00Z", []string{"2026-03-05T00:00:00Z"}},
		"CRON_TZ and @daily":  {"CRON_TZ=Asia/Tokyo @daily", "", "", "2026-03-04T05:00:00Z", []string{"2026-03-04T15:00:00Z"}},
		"every, first":        {"@every 90m", "", created, "2026-01-01T00:10:00Z", []string{"2026-01-01T01:30:07Z", "2026-01-01T03:00:07Z"}},
		"every, much later":   {"@every 90m", "", created, "2026-03-01T00:00:10Z", []string{"2026-03-01T01:30:07Z"}},
		"every, in a zone":    {"@every 90m", "Asia/Tokyo", created, "2026-01-01T00:10:00Z", []string{"2026-01-01T01:30:07Z"}},
		"never":               {"0 0 30 2 *", "", "", "2026-03-04T05:06:07Z", nil},
		"never, every":        {"0 0 31 4 *", "Europe/Berlin", "", "2026-03-04T05:06:07Z", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timing := delegate.RunTimes{Schedule: tc.schedule, TimeZone: tc.zone}
			if tc.from != "" {
				timing.From = moment(t, tc.from)
			}
			at := moment(t, tc.after)
			for i, want := range tc.want {
				next, err := timing.Next(at)
				if err != nil {
					t.Fatal(err)
				}
				if got := next.Format(time.RFC3339); got != want {
					t.Errorf("run %d is at %s, want %s", i+1, got, want)
				}
				at = next
			}
			if next, err := timing.Next(at); tc.want == nil && (err != nil || !next.IsZero()) {
				t.Errorf("it runs at %s (%v), want never", next, err)
			}
		})
	}
}

func TestRunTimes_errors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		timing delegate.RunTimes
		says   string
	}{
		"a field":                  {delegate.RunTimes{Schedule: "99 * * * *"}, `field 1 (minute), "99"`},
		"a field after a zone":     {delegate.RunTimes{Schedule: "TZ=UTC 99 * * * *"}, `field 1 (minute), "99"`},
		"an unknown zone":          {delegate.RunTimes{Schedule: "0 * * * *", TimeZone: "Europe/Atlantis"}, `"Europe/Atlantis" is not in the time zone database`},
		"an unknown zone in front": {delegate.RunTimes{Schedule: "CRON_TZ=Mars/Base 0 * * * *"}, `"Mars/Base"`},
		"a zone and no schedule":   {delegate.RunTimes{Schedule: "TZ=UTC"}, "has 0 fields"},
		"a zone in the middle":     {delegate.RunTimes{Schedule: "0 TZ=UTC * * *"}, "in a place where none can be"},
		"nothing":                  {delegate.RunTimes{}, "has 0 fields"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if next, err := tc.timing.Next(moment(t, "2026-03-04T05:06:07Z")); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("the next run is %s, the error %v, want one with %q", next, err, tc.says)
			}
		})
	}
}

func FuzzRunTimes_next(f *testing.F) {
	for _, seed := range []string{"0 * * * *", "@every 1h", "CRON_TZ=Europe/Berlin 30 2 * * *", "TZ=", "TZ= @daily", "0 0 30 2 *"} {
		f.Add(seed, "Europe/Berlin", int64(1774746000))
	}
	f.Fuzz(func(t *testing.T, schedule, zone string, after int64) {
		const century = 100 * 365 * 24 * 60 * 60 // no cluster is older, and none will ask for later
		at := time.Unix((after%century+century)%century, 0)
		next, err := delegate.RunTimes{Schedule: schedule, TimeZone: zone, From: at.Add(-time.Hour)}.Next(at)
		if err == nil && !next.IsZero() && !next.After(at) {
			t.Errorf("%q in %q: the run after %s is at %s", schedule, zone, at, next)
		}
	})
}
