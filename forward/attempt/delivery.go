package attempt

import (
	"fmt"
	"time"

	"github.com/semroute/semroute/forward"
)

// delivery hands pieces to a call's sink and waits for it, but not for ever: the
// sink runs in a goroutine of its own, which is given up when it does not return
// in time. One goroutine a piece costs a microsecond, where one for the whole
// call would cost an open stream 8 KB. It is used by one goroutine at a time.
type delivery struct {
	sink  forward.Sink
	guard func(do func() error) error // turns a panic of the sink into an error
	each  time.Duration               // the longest wait for one piece
	left  time.Duration               // what is left of the wait for all of them
	taken chan error
	given error // why nothing is handed over any more
}

func newDelivery(sink forward.Sink, each, all time.Duration, guard func(func() error) error) *delivery {
	return &delivery{sink: sink, guard: guard, each: each, left: all, taken: make(chan error, 1)}
}

// send hands one piece over. It fails with an ErrSink that is also the sink's
// error, or a forward.ErrSlowCaller when the sink takes too long; from then on
// it always fails.
func (d *delivery) send(p forward.Piece) error {
	if d.given != nil {
		return d.given
	}
	wait := min(d.each, d.left)
	began := time.Now()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	go func() { d.taken <- d.guard(func() error { return d.sink(p) }) }()
	select {
	case err := <-d.taken:
		d.left -= time.Since(began)
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrSink, err)
		}
		return err
	case <-timer.C:
		d.given = fmt.Errorf("%w: %w: a piece was not taken within %s", ErrSink, forward.ErrSlowCaller, wait)
		return d.given
	}
}
