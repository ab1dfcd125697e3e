package harness

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockTolerance is below what a Date header, which counts whole seconds, and
// the way of a reply can tell.
const clockTolerance = 5 * time.Second

// serverClock follows the Manager's time by the Date of its replies, so that a
// machine whose own clock is off still tells rightly whether an override has
// ended or is due for renewal.
type serverClock struct {
	offset atomic.Int64
	known  atomic.Bool
}

func (c *serverClock) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

func (c *serverClock) observe(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	offset := time.Until(date)
	if offset.Abs() <= clockTolerance {
		offset = 0
	}
	c.offset.Store(int64(offset))
	c.known.Store(true)
}
