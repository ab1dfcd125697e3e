package delegate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

func TestParseSchedule_errors(t *testing.T) {
	for name, tc := range map[string]struct{ text, says string }{
		"empty":                     {" ", "empty"},
		"too few fields":            {"0 * * *", "has 4 fields instead of 5"},
		"seconds":                   {"0 0 * * * *", "has 6 fields instead of 5"},
		"minute beyond the hour":    {"99 * * * *", `field 1 (minute), "99": 99 is out of range; allowed are 0 to 59, as in *, */2, 1-3 and 1,3`},
		"hour beyond the day":       {"0 24 * * *", `field 2 (hour), "24": 24 is out of range; allowed are 0 to 23`},
		"day zero":                  {"0 0 0 * *", `field 3 (day of month), "0": 0 is out of range; allowed are 1 to 31`},
		"month by a wrong name":     {"0 0 1 foo *", `field 4 (month), "foo": "foo" is not a value; allowed are 1 to 12 or JAN to DEC`},
		"Sunday as 7":               {"0 0 * * 7", `field 5 (day of week), "7": 7 is out of range; allowed are 0 to 6 or SUN to SAT, where Sunday is 0`},
		"a list with a 7":           {"0 0 * * 1,7", `field 5 (day of week), "1,7": 7 is out of range`},
		"a range up to 7":           {"0 0 * * 1-7", `field 5 (day of week), "1-7": 7 is out of range`},
		"a week up to Sunday":       {"0 0 * * MON-SUN", `field 5 (day of week), "MON-SUN": the range MON-SUN ends before it begins; write 1-6,0 instead; allowed are 0 to 6 or SUN to SAT, where Sunday is 0`},
		"a weekend":                 {"0 0 * * fri-mon", `the range fri-mon ends before it begins; write 5-6,0-1 instead`},
		"the last day":              {"0 0 L * *", `field 3 (day of month), "L": Kubernetes and Docker upgraders don't know the extensions L, W, H and # of other schedulers; allowed are 1 to 31`},
		"the last Friday":           {"0 0 * * 5L", `field 5 (day of week), "5L": Kubernetes and Docker upgraders don't know the extensions`},
		"the second Monday":         {"0 0 * * 1#2", `field 5 (day of week), "1#2": Kubernetes and Docker upgraders don't know the extensions`},
		"a weekday":                 {"0 0 15W * *", `field 3 (day of month), "15W": Kubernetes and Docker upgraders don't know the extensions`},
		"Jenkins' hash":             {"H * * * *", `field 1 (minute), "H": Kubernetes and Docker upgraders don't know the extensions`},
		"Jenkins' hash of a range":  {"H(0-29) * * * *", `field 1 (minute), "H(0-29)": Kubernetes and Docker upgraders don't know the extensions`},
		"a hash with a step":        {"H/15 * * * *", `field 1 (minute), "H/15": Kubernetes and Docker upgraders don't know the extensions`},
		"a fraction":                {"1.5 * * * *", `field 1 (minute), "1.5": "1.5" is not a value; allowed are 0 to 59`},
		"a negative number":         {"-5 * * * *", `field 1 (minute), "-5": "" is not a value`},
		"two hyphens":               {"1-2-3 * * * *", `field 1 (minute), "1-2-3": "1-2-3" is not a range`},
		"two slashes":               {"1/2/3 * * * *", `field 1 (minute), "1/2/3": the step "2/3" is not a number from 1 on`},
		"a minute of commas":        {", * * * *", `field 1 (minute), ",": it names no value; allowed are 0 to 59`},
		"a day of commas":           {"0 0 * * ,,", `field 5 (day of week), ",,": it names no value`},
		"a step of zero":            {"*/0 * * * *", `field 1 (minute), "*/0": the step "0" is not a number from 1 on`},
		"a step that isn't there":   {"*/ * * * *", `field 1 (minute), "*/": the step "" is not a number from 1 on`},
		"a range backwards":         {"30-10 * * * *", `field 1 (minute), "30-10": the range 30-10 ends before it begins; write 30-59,0-10 instead`},
		"an unknown descriptor":     {"@reboot", "@hourly"},
		"every without a duration":  {"@every hour", "@every with a duration such as @every 1h30m"},
		"a time zone":               {"CRON_TZ=Europe/Berlin 0 * * * *", "can't have CRON_TZ= in front, because Kubernetes refuses it; remove it, and set the argument kubernetes.timezone instead"},
		"a time zone, old spelling": {"TZ=UTC 0 * * * *", "can't have TZ= in front"},
		"a date that never comes":   {"0 0 30 2 *", "never runs"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := delegate.ParseSchedule(tc.text)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("ParseSchedule(%q): %v, want an error with %q", tc.text, err, tc.says)
			} else if strings.Contains(err.Error(), "strconv") {
				t.Errorf("the error shows what the parser is made of: %v", err)
			}
		})
	}
}

func TestSameSchedule(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"0 * * * *", "0 */1 * * *", true},
		{"0 * * * *", "@hourly", true},
		{"0 * * * *", "  0 0-23 * 1-12 * ", true},
		{"0,15,30,45 * * * *", "*/15 * * * *", true},
		{"0 0 * * *", "@daily", true},
		{"0 0 * * *", "@midnight", true},
		{"0 0 * * 0", "@weekly", true},
		{"0 0 * * sun", "0 0 * * 0", true},
		{"0 0 1-31 * 1", "0 0 * * *", true}, // either day field counts once both are restricted
		{"0 0 1 * 1", "0 0 1 * *", false},
		{"0 0 * * 1", "0 0 1-31 * 1", false},
		{"0 * * * *", "1 * * * *", false},
		{"@every 1h", "@hourly", false}, // counts from the start, not from the full hour
		{"@every 60m", "@every 1h", true},
		{"nonsense", "nonsense", true},
		{"nonsense", "0 * * * *", false},
	} {
		if got := delegate.SameSchedule(tc.a, tc.b); got != tc.want {
			t.Errorf("SameSchedule(%q, %q) = %t", tc.a, tc.b, got)
		}
		if got := delegate.SameSchedule(tc.b, tc.a); got != tc.want {
			t.Errorf("SameSchedule(%q, %q) = %t", tc.b, tc.a, got)
		}
	}
}

func TestSchedule_longestGap(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0 * * * *":            time.Hour,
		"@hourly":              time.Hour,
		"* * * * *":            time.Minute,
		"*/15 * * * *":         15 * time.Minute,
		"0 */15 * * *":         15 * time.Hour,
		"0 */2 * * *":          2 * time.Hour,
		"0,10 * * * *":         50 * time.Minute,
		"0 8-18 * * *":         14 * time.Hour,
		"0 * * * 1-5":          2*day + time.Hour,
		"0 0 * * *":            day,
		"0 0 * * 1":            7 * day,
		"0 0 1 * *":            31 * day,
		"0 0 29 2 *":           1461 * day,
		"@every 45m":           45 * time.Minute,
		"@every 30s":           30 * time.Second,
		"0 0 13 * 5":           7 * day,
		"59 23 31 12 *":        366 * day,
		"0 0,1,2,3 1-31 1 */2": 335*day + 21*time.Hour,
	} {
		t.Run(text, func(t *testing.T) {
			schedule, err := delegate.ParseSchedule(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := schedule.LongestInterval(); got != want {
				t.Errorf("longest gap %s, want %s", got, want)
			}
		})
	}
}

func TestSchedule_shortestGap(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"0 * * * *":            time.Hour,
		"*/15 * * * *":         15 * time.Minute,
		"0 */15 * * *":         9 * time.Hour, // from 15:00 to midnight
		"0,10 * * * *":         10 * time.Minute,
		"0 8-18 * * *":         time.Hour,
		"59 1,23 * * *":        2 * time.Hour, // over midnight
		"0 0 * * *":            day,
		"0 0 * * 1":            7 * day,
		"0 0 * * 1,4":          3 * day,
		"0 0 * * 0,1":          day,
		"0 0 1 * *":            28 * day,
		"0 0 31 * *":           31 * day,
		"0 0 29 2 *":           1461 * day,
		"30 4 1,15 * 5":        day,
		"59 23 31 12 *":        365 * day,
		"@every 45m":           45 * time.Minute,
		"@weekly":              7 * day,
		"0 0,1,2,3 1-31 1 */2": time.Hour,
	} {
		t.Run(text, func(t *testing.T) {
			schedule, err := delegate.ParseSchedule(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := schedule.ShortestInterval(); got != want {
				t.Errorf("shortest gap %s, want %s", got, want)
			}
		})
	}
}

func TestSchedule_shownAsOn(t *testing.T) {
	for text, want := range map[string]bool{
		"* * * * *":          true,
		"0 * * * *":          true,
		"@every 90m":         true,
		"@every 91m":         false,
		"0 */2 * * *":        false,
		"0 */15 * * *":       false,
		"0,30 8-18 * * *":    false,
		"0 * * * 1-5":        false,
		"0,15,30,45 * * * *": true,
	} {
		schedule, err := delegate.ParseSchedule(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := schedule.ShownAsOn(); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}

// The gaps between the runs that the library itself gives over two weeks, for
// schedules that repeat every week, are as told.
func TestSchedule_gapsAgreeWithTheRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join([]string{
			rapid.SampledFrom([]string{"0", "*", "*/7", "5,50", "10-20/5"}).Draw(t, "minute"),
			rapid.SampledFrom([]string{"*", "0", "*/5", "8-18", "3,22"}).Draw(t, "hour"),
			"*", "*",
			rapid.SampledFrom([]string{"*", "1-5", "0", "2,4", "*/3"}).Draw(t, "weekday"),
		}, " ")
		schedule, err := delegate.ParseSchedule(text)
		if err != nil {
			t.Fatal(err)
		}
		reference, err := cron.ParseStandard(text)
		if err != nil {
			t.Fatal(err)
		}
		at := reference.Next(time.Date(2026, time.March, 4, 5, 6, 0, 0, time.UTC))
		end := at.AddDate(0, 0, 15)
		longest, shortest := time.Duration(0), end.Sub(at)
		for at.Before(end) {
			next := reference.Next(at)
			longest, shortest = max(longest, next.Sub(at)), min(shortest, next.Sub(at))
			at = next
		}
		if told := schedule.LongestInterval(); longest != told {
			t.Fatalf("%s: the longest gap is %s, told was %s", text, longest, told)
		}
		if told := schedule.ShortestInterval(); shortest != told {
			t.Fatalf("%s: the shortest gap is %s, told was %s", text, shortest, told)
		}
	})
}

func FuzzParseSchedule(f *testing.F) {
	for _, seed := range []string{"0 * * * *", "@hourly", "@every 1h", "*/15 8-18 1 jan mon", "CRON_TZ=UTC 0 * * * *", "? ? ? ? ?", "0 0 30 2 *", ", 0 1 1 0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		schedule, err := delegate.ParseSchedule(text)
		if err != nil {
			return
		}
		if again, err := delegate.ParseSchedule(schedule.String()); err != nil || !again.Equal(schedule) {
			t.Errorf("%q isn't read again as itself: %v", text, err)
		}
		if longest := schedule.LongestInterval(); longest <= 0 {
			t.Errorf("%q: a longest gap of %s", text, longest)
		} else if shortest := schedule.ShortestInterval(); shortest <= 0 || shortest > longest {
			t.Errorf("%q: a shortest gap of %s, and a longest of %s", text, shortest, longest)
		}
	})
}
