package functions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/functions"
)

func TestScheduleInterval(t *testing.T) {
	const day = 24 * 60
	for text, want := range map[string]struct {
		longest, shortest float64
		on                bool
	}{
		"0 * * * *":         {60, 60, true},
		"0 */1 * * *":       {60, 60, true},
		"@hourly":           {60, 60, true},
		"0,10 * * * *":      {50, 10, true},
		"@every 90m":        {90, 90, true},
		"@every 30s":        {0.5, 0.5, true},
		"@every 91m":        {91, 91, false},
		"0 */2 * * *":       {120, 120, false},
		"0 */15 * * *":      {900, 540, false}, // meant as every 15 minutes by some
		"0,30 8-18 * * 1-5": {2*day + 13*60 + 30, 30, false},
		"0 0 29 2 *":        {1461 * day, 1461 * day, false},
	} {
		t.Run(text, func(t *testing.T) {
			got, failure := call(t, functions.NewScheduleInterval(), text)
			if failure != nil {
				t.Fatal(failure)
			}
			want := map[string]any{"longest_minutes": want.longest, "shortest_minutes": want.shortest, "shown_as_on": want.on}
			if diff := cmp.Diff(any(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestScheduleInterval_refuses(t *testing.T) {
	const no = ` is not a schedule such as "*/15 * * * *" for every 15 minutes: `
	refuses(t, functions.NewScheduleInterval(), []refusal{
		{"empty", []any{""}, 0, `""` + no + "the schedule is empty"},
		{"a minute beyond the hour", []any{"99 * * * *"}, 0, `"99 * * * *"` + no + `field 1 (minute), "99": 99 is out of range; allowed are 0 to 59, as in *, */2, 1-3 and 1,3`},
		{"too few fields", []any{"0 * * *"}, 0, `"0 * * *"` + no + "it has 4 fields instead of 5 (minute, hour, day of month, month, day of week)"},
		{"a time zone", []any{"CRON_TZ=UTC 0 * * * *"}, 0, `"CRON_TZ=UTC 0 * * * *"` + no + "a schedule can't have CRON_TZ= in front, because Kubernetes refuses it; remove it, and set the argument kubernetes.timezone instead"},
		{"a date that never comes", []any{"0 0 30 2 *"}, 0, `"0 0 30 2 *"` + no + "it never runs, because no date has its day and month"},
	})
}
