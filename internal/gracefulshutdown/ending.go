package gracefulshutdown

import (
	"fmt"
	"strings"
)

// ending is what destroying does to a workload.
type ending struct {
	// write applies the value in seconds, or without one gives the field up, for
	// which Kubernetes fills in its default.
	write   bool
	seconds *int64
	// release stops owning the field, and leaves its value.
	release bool
	// left says why the value stays; empty where it is given back.
	left string
}

// endOf decides how a workload is left behind. Known tells whether the value
// before is known; it is nil where nobody had set one.
func endOf(w workload, known bool, previous *int64) ending {
	others := strings.Join(w.others(), " and ")
	switch {
	case !w.ours() && others != "":
		return ending{left: fmt.Sprintf("%s has the grace period %d (seconds) from %s, and not from this resource, which leaves it.", w.place, w.seconds, others)}
	case !w.ours():
		return ending{left: fmt.Sprintf("%s has the grace period %d (seconds), which isn't from this resource, and so it is left.", w.place, w.seconds)}
	case others != "":
		end := ending{release: true}
		if known && (previous == nil || *previous != w.seconds) {
			end.left = fmt.Sprintf("%s has the grace period %d (seconds) not only from this resource, but also from %s. It stays.", w.place, w.seconds, others)
		}
		return end
	case !known:
		return ending{release: true, left: fmt.Sprintf(
			"%s keeps the grace period %d (seconds). This resource was imported when it had set it already, so it isn't known what was there before.", w.place, w.seconds)}
	case previous == nil:
		return ending{write: true}
	default:
		return ending{write: true, seconds: previous, release: true}
	}
}

// after is the grace period, in seconds, that the workload has then.
func (e ending) after(w workload) int64 {
	switch {
	case !e.write:
		return w.seconds
	case e.seconds == nil:
		return kubernetesDefault
	default:
		return *e.seconds
	}
}
