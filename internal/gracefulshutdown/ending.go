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

// endOf decides what destroying does. Given are the values of the state: the grace
// period, and the value to give back, or nil if it isn't known.
//
// A field without an owner that has the value of the state is this resource's, too:
// the managed fields were cleared, as some backup tools do.
func endOf(w workload, seconds int64, previous *int64) ending {
	others := strings.Join(w.others(), " and ")
	ours := w.ours() || len(w.owners) == 0 && w.seconds == seconds
	stays := fmt.Sprintf("The grace period of %s stays at %d seconds: ", w.place, w.seconds)
	switch {
	case previous != nil && *previous == w.seconds:
		return ending{release: w.ours()}
	case !ours && others != "":
		return ending{left: stays + others + " changed it."}
	case !ours:
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
