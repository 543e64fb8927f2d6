package attempt

import (
	"fmt"
	"time"

	"github.com/semroute/semroute/forward"
)

// delivery hands pieces to a call's sink and waits for it, but not for ever:
// the sink runs in a goroutine of its own, which is given up when it does not
// return in time. It is used by one goroutine at a time.
type delivery struct {
	sink   forward.Sink
	guard  func(do func() error) error // turns a panic of the sink into an error
	each   time.Duration               // the longest wait for one piece
	left   time.Duration               // what is left of the wait for all of them
	pieces chan forward.Piece
	taken  chan error
	given  error // why nothing is handed over any more
}

func newDelivery(sink forward.Sink, each, all time.Duration, guard func(func() error) error) *delivery {
	return &delivery{sink: sink, guard: guard, each: each, left: all}
}

// send hands one piece over. It fails with an ErrSink that is also the sink's
// error, or a forward.ErrSlowCaller when the sink takes too long; from then on
// it always fails.
func (d *delivery) send(p forward.Piece) error {
	if d.given != nil {
		return d.given
	}
	if d.pieces == nil {
		d.pieces, d.taken = make(chan forward.Piece), make(chan error, 1)
		go d.run(d.pieces)
	}
	wait := min(d.each, d.left)
	began := time.Now()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	d.pieces <- p
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

// run ends when close is called and the sink has returned.
func (d *delivery) run(pieces <-chan forward.Piece) {
	defer close(d.taken)
	for p := range pieces {
		d.taken <- d.guard(func() error { return d.sink(p) })
	}
}

// close ends the goroutine, and waits for it unless its sink was given up.
func (d *delivery) close() {
	if d.pieces == nil {
		return
	}
	close(d.pieces)
	if d.given == nil {
		for range d.taken { // until it is closed
		}
	}
}
