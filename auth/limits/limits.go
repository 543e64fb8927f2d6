// Package limits holds callers to the rate and the concurrency that their
// identity is allowed. It promises bounded memory however many identities there
// are, and that nobody's limits concern anybody else.
package limits

import (
	"container/list"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/semroute/semroute/auth"
)

// ErrExceeded: the caller asks more than it may; see *ExceededError.
var ErrExceeded = errors.New("the caller's limit is reached")

// ExceededError says which limit, and when to ask again.
type ExceededError struct {
	What       string // "calls at once" or "prompts a second"
	Limit      float64
	RetryAfter time.Duration
}

func (e *ExceededError) Error() string {
	return fmt.Sprintf("%v: %g %s; ask again in %s", ErrExceeded, e.Limit, e.What, e.RetryAfter.Round(time.Millisecond))
}

// Unwrap makes it an ErrExceeded.
func (e *ExceededError) Unwrap() error { return ErrExceeded }

const (
	// remembered bounds the identities whose use is known. The one that asked
	// longest ago is forgotten first, unless it has calls in flight.
	remembered = 20_000
	// busyAgain is when a caller with too many calls may ask again; when one of
	// them ends nobody knows.
	busyAgain = 100 * time.Millisecond
)

// Keeper keeps the limits. It is safe for concurrent use.
type Keeper struct {
	now func() time.Time

	mu     sync.Mutex
	known  map[string]*list.Element
	recent list.List // of *usage, the latest first
}

// usage is what an identity has asked lately.
type usage struct {
	id       string
	limits   auth.Limits
	bucket   *rate.Limiter
	inFlight int
}

// New keeps limits by a clock; nil is time.Now.
func New(now func() time.Time) *Keeper {
	if now == nil {
		now = time.Now
	}
	return &Keeper{now: now, known: map[string]*list.Element{}}
}

// Enter counts a call of so many prompts. leave is to be called when it is over;
// the error is an *ExceededError. More prompts at once than the burst count as
// the burst.
func (k *Keeper) Enter(i *auth.Identity, prompts int) (leave func(), err error) {
	if i.Limits == (auth.Limits{}) {
		return func() {}, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	u := k.of(i)
	if most := i.Limits.Concurrent; most > 0 && u.inFlight >= most {
		return nil, &ExceededError{What: "calls at once", Limit: float64(most), RetryAfter: busyAgain}
	}
	if u.bucket != nil {
		now := k.now()
		r := u.bucket.ReserveN(now, min(max(1, prompts), u.bucket.Burst()))
		if wait := r.DelayFrom(now); wait > 0 {
			r.CancelAt(now)
			return nil, &ExceededError{What: "prompts a second", Limit: i.Limits.PerSecond, RetryAfter: wait}
		}
	}
	u.inFlight++
	return sync.OnceFunc(func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		u.inFlight--
	}), nil
}

// of is the usage of an identity, under the lock.
func (k *Keeper) of(i *auth.Identity) *usage {
	e, ok := k.known[i.ID]
	if !ok {
		k.forget()
		e = k.recent.PushFront(&usage{id: i.ID})
		k.known[i.ID] = e
	}
	k.recent.MoveToFront(e)
	u := e.Value.(*usage)
	if u.limits != i.Limits { // new, or changed under a running server
		u.limits, u.bucket = i.Limits, nil
		if l := i.Limits; l.PerSecond > 0 {
			burst := l.Burst
			if burst == 0 {
				burst = int(math.Ceil(l.PerSecond))
			}
			u.bucket = rate.NewLimiter(rate.Limit(l.PerSecond), burst)
		}
	}
	return u
}

// forget makes room for one, under the lock.
func (k *Keeper) forget() {
	for e := k.recent.Back(); e != nil && len(k.known) >= remembered; {
		before := e.Prev()
		if u := e.Value.(*usage); u.inFlight == 0 {
			k.recent.Remove(e)
			delete(k.known, u.id)
		}
		e = before
	}
}
