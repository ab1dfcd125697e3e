package functions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/functions"
)

const notADate = " is not a date such as 2024-04-30 or a time such as 2024-04-30T12:00:00Z (RFC 3339)"

func TestSupportWindow(t *testing.T) {
	for _, tc := range []struct {
		name          string
		arguments     []any
		support, life string
	}{
		// Counted from the month in the version.
		{"23.08", []any{"23.08.80300"}, "2024-02-01", "2024-04-01"},
		{"23.09", []any{"23.09.80505"}, "2024-03-01", "2024-05-01"},
		{"23.10", []any{"23.10.81000"}, "2024-04-01", "2024-06-01"},
		{"23.11", []any{"23.11.81401"}, "2024-05-01", "2024-07-01"},
		{"24.04", []any{"24.04.82804"}, "2024-10-01", "2024-12-01"},
		{"24.05, over the end of a year", []any{"24.05.84200"}, "2024-11-01", "2025-01-01"},
		{"24.12, the last month", []any{"24.12.84800"}, "2025-06-01", "2025-08-01"},
		{"25.08, to a February", []any{"25.08.86500"}, "2026-02-01", "2026-04-01"},
		{"an image", []any{"registry.example.com/team/delegate:24.04.82804.minimal"}, "2024-10-01", "2024-12-01"},
		{"null for a date", []any{"24.04.82804", nil}, "2024-10-01", "2024-12-01"},
		// Counted from the release. Harness's list has 2024-11-29 and 2025-01-29
		// for the first, and 2025-10-27 for the second.
		{"pushed on 2024-05-30", []any{"24.05.82711", "2024-05-30"}, "2024-11-30", "2025-01-30"},
		{"a late patch", []any{"24.08.83706", "2025-02-26"}, "2025-08-26", "2025-10-26"},
		{"pushed on 2025-07-17", []any{"25.07.86300", "2025-07-17"}, "2026-01-17", "2026-03-17"},
		{"pushed on 2025-07-31", []any{"25.07.86401", "2025-07-31"}, "2026-01-31", "2026-03-31"},
		{"to a leap day", []any{"23.08.80300", "2023-08-31"}, "2024-02-29", "2024-04-30"},
		{"to a February without", []any{"24.08.83706", "2024-08-31"}, "2025-02-28", "2025-04-30"},
		{"from a leap day", []any{"24.02.82200", "2024-02-29"}, "2024-08-29", "2024-10-29"},
		{"a time in UTC", []any{"24.04.82804", "2024-04-30T23:59:59Z"}, "2024-10-30", "2024-12-30"},
		{"a zone that is a day ahead", []any{"24.04.82804", "2024-05-01T01:00:00+02:00"}, "2024-10-30", "2024-12-30"},
		{"a zone that is a day behind", []any{"24.04.82804", "2024-04-30T22:00:00-05:00"}, "2024-11-01", "2025-01-01"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, failure := call(t, functions.NewSupportWindow(), tc.arguments...)
			if failure != nil {
				t.Fatal(failure)
			}
			want := map[string]any{"end_of_support": tc.support + "T00:00:00Z", "end_of_life": tc.life + "T00:00:00Z"}
			if diff := cmp.Diff(any(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSupportWindow_refuses(t *testing.T) {
	refuses(t, functions.NewSupportWindow(), []refusal{
		{"legacy", []any{"1.0.76600"}, 0, `"1.0.76600" ` + legacy},
		{"the latest image", []any{"harness/delegate:latest"}, 0, notATag},
		{"a date that isn't", []any{"24.04.82804", "2023-02-29"}, 1, `"2023-02-29"` + notADate},
		{"an empty date", []any{"24.04.82804", ""}, 1, `""` + notADate},
		{"a year that isn't", []any{"24.04.82804", "0024-04-30"}, 1, `"0024-04-30" is not in the years 2000 to 2099, which versions can tell`},
		{"two dates", []any{"24.04.82804", "2024-04-30", "2024-05-01"}, 2, "an image has one release date, and these are 2"},
	})
}

func TestSupportStatus(t *testing.T) {
	for _, tc := range []struct {
		name      string
		arguments []any
		want      string
	}{
		{"the last second with support", []any{"24.04.82804", "2024-09-30T23:59:59Z"}, "supported"},
		{"the first without", []any{"24.04.82804", "2024-10-01T00:00:00Z"}, "end_of_support"},
		{"the same moment elsewhere", []any{"24.04.82804", "2024-10-01T02:00:00+02:00"}, "end_of_support"},
		{"the second before elsewhere", []any{"24.04.82804", "2024-10-01T01:59:59+02:00"}, "supported"},
		{"the last second of its life", []any{"24.04.82804", "2024-11-30T23:59:59Z"}, "end_of_support"},
		{"the first after", []any{"24.04.82804", "2024-12-01T00:00:00Z"}, "end_of_life"},
		{"before the release", []any{"24.04.82804", "2020-01-01T00:00:00Z"}, "supported"},
		{"an image", []any{"harness/delegate:24.04.82804.minimal", "2031-01-01T00:00:00Z"}, "end_of_life"},
		{"null for a date", []any{"24.04.82804", "2024-10-01T00:00:00Z", nil}, "end_of_support"},
		{"a late patch by its month", []any{"24.08.83706", "2025-08-25T23:59:59Z"}, "end_of_life"},
		{"a late patch by its release", []any{"24.08.83706", "2025-08-25T23:59:59Z", "2025-02-26"}, "supported"},
		{"the day after that", []any{"24.08.83706", "2025-08-26T00:00:00Z", "2025-02-26"}, "end_of_support"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, failure := call(t, functions.NewSupportStatus(), tc.arguments...)
			if failure != nil {
				t.Fatal(failure)
			}
			if got != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
		})
	}
}

func TestSupportStatus_refuses(t *testing.T) {
	const notATime = " is not a time such as 2024-04-30T12:00:00Z (RFC 3339), which is what plantimestamp() gives"
	refuses(t, functions.NewSupportStatus(), []refusal{
		{"latest", []any{"latest", "2024-10-01T00:00:00Z"}, 0, `"latest" is not ` + formOf},
		{"a day for a time", []any{"24.04.82804", "2024-10-01"}, 1, `"2024-10-01"` + notATime},
		{"an empty time", []any{"24.04.82804", ""}, 1, `""` + notATime},
		{"a date that isn't", []any{"24.04.82804", "2024-10-01T00:00:00Z", "April"}, 2, `"April"` + notADate},
		{"two dates", []any{"24.04.82804", "2024-10-01T00:00:00Z", nil, "2024-05-01"}, 3, "an image has one release date, and these are 2"},
	})
}
