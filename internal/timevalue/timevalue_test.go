package timevalue_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/timevalue"
)

func TestOf(t *testing.T) {
	t.Parallel()
	noon := time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		given time.Time
		want  timetypes.RFC3339
	}{
		"zero":              {time.Time{}, timetypes.NewRFC3339Null()},
		"zero in a zone":    {time.Time{}.In(time.FixedZone("", 3600)), timetypes.NewRFC3339Null()},
		"whole seconds":     {noon, timetypes.NewRFC3339ValueMust("2024-05-15T12:00:00Z")},
		"milliseconds":      {noon.Add(999 * time.Millisecond), timetypes.NewRFC3339ValueMust("2024-05-15T12:00:00Z")},
		"in another zone":   {noon.In(time.FixedZone("", -5*3600)), timetypes.NewRFC3339ValueMust("2024-05-15T12:00:00Z")},
		"before 1970, part": {time.Date(1969, time.December, 31, 23, 59, 59, 5, time.UTC), timetypes.NewRFC3339ValueMust("1969-12-31T23:59:59Z")},
	} {
		if got := timevalue.Of(tc.given); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}
