package attempt

import "time"

// countdown runs a function after a time, which does not pass while it is
// paused. It is not safe for concurrent use.
type countdown struct {
	timer *time.Timer
	left  time.Duration // when it was last started
	since time.Time     // when it was last started; the zero time while paused
}

func startCountdown(limit time.Duration, do func()) *countdown {
	return &countdown{timer: time.AfterFunc(limit, do), left: limit, since: time.Now()}
}

// pause stops the time until resume. A countdown that has run out stays so.
func (c *countdown) pause() {
	if c.timer.Stop() {
		c.left -= time.Since(c.since)
		c.since = time.Time{}
	}
}

func (c *countdown) resume() {
	if c.since.IsZero() {
		c.since = time.Now()
		c.timer.Reset(c.left)
	}
}

func (c *countdown) stop() { c.timer.Stop() }
