//go:build !linux

package load

import "time"

// pacer waits by the runtime's timers.
type pacer struct{}

func newPacer() (p pacer, done func()) { return p, func() {} }

func (pacer) until(at time.Time) { time.Sleep(time.Until(at)) }
