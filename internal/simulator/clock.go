package simulator

import "time"

// clock is the simulated time: real time plus an offset, or a moment that stands still.
// It is guarded by the Simulator's lock.
type clock struct {
	offset   time.Duration
	frozen   bool
	frozenAt time.Time
}

func (c *clock) now() time.Time {
	if c.frozen {
		return c.frozenAt
	}
	return time.Now().Add(c.offset).Round(0).UTC()
}

func (c *clock) set(t time.Time) {
	t = t.Round(0).UTC()
	c.frozenAt = t
	c.offset = time.Until(t)
}

func (c *clock) freeze(frozen bool) {
	now := c.now()
	c.frozen = frozen
	c.set(now)
}

// Now returns the simulated time in UTC. Every rule of the simulator, and the Date header of its replies, uses it.
func (s *Simulator) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now()
}

// SetTime moves the simulated time to t. The clock goes on ticking from there unless it is frozen.
func (s *Simulator) SetTime(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.set(t)
}

// Advance moves the simulated time by d, which may be negative.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.set(s.clock.now().Add(d))
}

// Freeze stops the clock (true) so that it moves by SetTime and Advance only, or lets it tick again (false).
// Tests of exact thresholds need a clock that stands still.
func (s *Simulator) Freeze(frozen bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.freeze(frozen)
}

// Frozen reports whether the clock stands still.
func (s *Simulator) Frozen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.frozen
}

// millis is the wire form of most Harness timestamps: milliseconds since the epoch, where 0 means never.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
