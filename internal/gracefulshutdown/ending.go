package gracefulshutdown

import (
	"fmt"
	"strings"
)

// ending is what destroying does to a workload.
type ending struct {
	// restore is the value to write, or nil to keep the current one.
	restore *int64
	// release gives up the ownership of the field.
	release bool
	// left says why the value stays, where the user might expect another one.
	left string
}

// endOf decides what destroying does. Previous is the value to give back, or nil
// if it isn't known. A value is given back by its number alone, never by leaving
// the field out: a field without an owner can hold any value, for example what an
// earlier destroy gave back.
func endOf(w workload, previous *int64) ending {
	others := strings.Join(w.others(), " and ")
	stays := fmt.Sprintf("The grace period of %s stays at %d seconds: ", w.place, w.seconds)
	switch {
	case previous != nil && *previous == w.seconds:
		return ending{release: w.ours()}
	case !w.ours() && others != "":
		return ending{left: stays + others + " changed it."}
	case !w.ours():
		return ending{left: stays + "this resource doesn't own the field any more."}
	case others != "" && previous == nil:
		return ending{release: true}
	case others != "":
		return ending{release: true, left: stays + "the field has another owner, too: " + others + "."}
	case previous == nil:
		return ending{release: true, left: stays + "this resource was imported after it had set the field, so the value before is unknown."}
	default:
		return ending{restore: previous, release: true}
	}
}

// after is the grace period, in seconds, that the workload has afterwards.
func (e ending) after(w workload) int64 {
	if e.restore == nil {
		return w.seconds
	}
	return *e.restore
}
