package forward

import (
	"context"
	"sync"
	"time"
)

// Call is one request with the decision that was made for it.
type Call struct {
	// Decision goes into the record as it is.
	Decision Decision
	// Route is whose forwarding policy and budgets serve the call; the decision's
	// route when empty. They differ where a route stands in for an abstention.
	Route string
	// Models are the only ones that may be asked, in order; empty means those of
	// the route.
	Models  []string
	Request Request
	// Prompt is the text that was routed and Vector its embedding, for the
	// quality strategy and the record.
	Prompt string
	Vector []float32
	// User, Team and Tier say who calls, for budgets, tiers and sticky weights.
	User, Team, Tier string
	// RoutingCost is what the decision cost, in nano-dollars.
	RoutingCost int64
}

// Sink takes the pieces of an answer, one after another, never two at once.
// Its error ends the call. It may block, up to Config.SendTimeout: then nothing
// more is read upstream, and the time is not the model's. One that blocks
// longer is given up with ErrSlowCaller: it is not called again, but it may
// still be inside its last call when Forward returns.
type Sink func(Piece) error

// run is the state of one Forward.
type run struct {
	*Forwarder
	call    *Call
	policy  *policy
	sink    *delivery
	total   *countdown // of the whole call, without the time in which the caller takes pieces
	started time.Time
	tokens  func() int64 // of the prompt, counted once when first needed

	mu        sync.Mutex // protects the fields below
	attempts  []Attempt
	left      int  // attempts that may still be made
	committed bool // a piece has reached the caller
	firstAt   time.Duration
	downgrade bool
}

// target is where an answer goes: to the caller, or into a hold until it is
// accepted.
type target struct {
	held bool
	// judge marks attempts that only score.
	judge bool
}

// shot is a complete answer of one attempt.
type shot struct {
	model   *model
	end     End
	attempt int // its number in the record
	// held is the whole answer when the target holds it back.
	held *Collector
}

func (r *run) since() time.Duration { return r.now().Sub(r.started) }

// take uses up one attempt; false when none is left.
func (r *run) take() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == 0 {
		return false
	}
	r.left--
	return true
}

// remaining is how many attempts may still be made.
func (r *run) remaining() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left
}

// note appends an attempt to the record and gives its number.
func (r *run) note(a Attempt) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts = append(r.attempts, a)
	return len(r.attempts) - 1
}

// deliver hands a piece to the caller. The call's time stands still meanwhile.
func (r *run) deliver(p Piece) error {
	if !r.committed {
		r.commit()
	}
	r.total.pause()
	defer r.total.resume()
	return r.sink.send(p)
}

func (r *run) commit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.committed = true
	r.firstAt = r.since()
}

// begun says whether a piece has reached the caller.
func (r *run) begun() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.committed
}

// over says whether the caller itself has gone.
func over(ctx context.Context) bool { return ctx.Err() != nil }
