package simulator

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// limiter remembers when each key sent its recent requests. It is guarded by the Simulator's lock.
type limiter map[string][]time.Time

// admit registers a request of a key and reports how long the key has to wait if it is one too many.
func (l limiter) admit(key string, now time.Time, limit int, window time.Duration) (time.Duration, bool) {
	recent := slices.DeleteFunc(l[key], func(t time.Time) bool { return !now.Before(t.Add(window)) })
	if len(recent) >= limit {
		l[key] = recent
		return recent[0].Add(window).Sub(now), false
	}
	l[key] = append(recent, now)
	return 0, true
}

// limitRate refuses a request that comes too soon after the others of its key.
func (s *Simulator) limitRate(c *call) (reply, bool) {
	limit := s.behaviour.RateLimitRequests
	if limit == 0 {
		return reply{}, false
	}
	window := s.behaviour.RateLimitWindow
	if window == 0 {
		window = time.Minute
	}
	wait, admitted := s.limiter.admit(c.header.Get("X-Api-Key"), c.now, limit, window)
	if admitted {
		return reply{}, false
	}
	return tooManyRequests(s.behaviour.RateLimitForm, wait), true
}

// tooManyRequests is status 429 in one of its two forms. The JSON body is an assumption.
func tooManyRequests(form RateLimitForm, wait time.Duration) reply {
	if form == RateLimitJSON {
		limited := replyTo(errorOf(http.StatusTooManyRequests, codeTooManyRequests, "Too many requests received. Please try again later."))
		limited.header.Set("Retry-After", wholeSeconds(wait))
		return limited
	}
	return textReply(http.StatusTooManyRequests, contentTypeText, "Too many requests. Requests are throttled beyond the maximum QPS.\n")
}

// wholeSeconds rounds a wait up, since Retry-After knows seconds only.
func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
