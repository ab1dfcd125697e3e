// Package timevalue is how all objects write a time into their attributes.
package timevalue

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
)

// Of is a time in UTC and in whole seconds, because Managers differ in whether
// they tell milliseconds. The zero time is null.
func Of(t time.Time) timetypes.RFC3339 {
	if t.IsZero() {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339TimeValue(t.UTC().Truncate(time.Second))
}
