package load

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// pacer waits on a thread of its own: the runtime's timers wake up to a
// millisecond late when little else runs, which would be counted as latency.
type pacer struct{}

func newPacer() (p pacer, done func()) {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // without it waiting is only less exact
	return p, runtime.UnlockOSThread
}

func (pacer) until(at time.Time) {
	d := time.Until(at)
	if d <= 0 {
		return
	}
	left := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&left, nil) // woken early by a signal starts one call early
}
