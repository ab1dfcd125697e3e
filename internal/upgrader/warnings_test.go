package upgrader

import (
	"strings"
	"testing"
	"time"
)

func TestScheduleWarnings(t *testing.T) {
	for schedule, says := range map[string]string{
		"0 * * * *":    "",
		"*/15 * * * *": "",
		"* * * * *":    "",
		"@every 90m":   "",
		"@every 91m":   "up to 91 minutes pass",
		"0 */2 * * *":  "up to 2 hours pass between two runs. Upgrades work, but Harness shows a delegate as not upgraded automatically",
		"0 0 * * *":    "up to 1 day pass",
		"@every 30s":   "a run starts every 30 seconds",
		"0 */15 * * *": `Every 15 minutes is "*/15 * * * *"`,
		"0 0,15 * * *": `Every 15 minutes is "*/15 * * * *"`,
		"not a cron":   "", // validation says so
	} {
		t.Run(schedule, func(t *testing.T) {
			diags := scheduleWarnings(schedule)
			if says == "" {
				if len(diags) > 0 {
					t.Errorf("%v, want no warning", diags)
				}
				return
			}
			if len(diags) != 1 || diags.HasError() || !strings.Contains(diags[0].Detail(), says) {
				t.Errorf("%v, want a warning that says %q", diags, says)
			}
		})
	}
}

func TestInWords(t *testing.T) {
	for duration, want := range map[time.Duration]string{
		time.Second: "1 second", 90 * time.Second: "90 seconds", time.Minute: "1 minute", 45 * time.Minute: "45 minutes",
		time.Hour: "1 hour", 90 * time.Minute: "90 minutes", 49 * time.Hour: "49 hours", 150 * time.Minute: "2 hours and 30 minutes", 48 * time.Hour: "2 days",
	} {
		if got := inWords(duration); got != want {
			t.Errorf("%s is %q, want %q", duration, got, want)
		}
	}
}
