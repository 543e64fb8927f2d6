package router

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Config is what a Router needs from outside; zero values mean the defaults.
type Config struct {
	// Clock tells the time; time.Now by default.
	Clock Clock
	// NewID makes decision ids; UUIDv7 by default.
	NewID func() string
}

// Router decides on the current generation. It is safe for concurrent use.
type Router struct {
	clock   Clock
	newID   func() string
	current atomic.Pointer[Generation]
	singles sync.Pool // of *single
}

// New returns a router without a generation: it answers ErrNotReady until the
// first Swap.
func New(config Config) *Router {
	r := &Router{clock: config.Clock, newID: config.NewID}
	if r.clock == nil {
		r.clock = time.Now
	}
	if r.newID == nil {
		r.newID = NewID
	}
	r.singles.New = func() any { return &single{} }
	return r
}

// Swap puts a generation in place for all requests that start from now on and
// returns the one before, nil at first. That one is Drained once the requests
// that read it have ended. A generation is put in place once only.
func (r *Router) Swap(g *Generation) *Generation {
	g.readers.Add(1) // the router itself
	old := r.current.Swap(g)
	if old != nil {
		old.release()
	}
	return old
}

// acquire is the current generation, which stays whole until it is released;
// nil before the first Swap.
func (r *Router) acquire() *Generation {
	for {
		g := r.current.Load()
		if g == nil {
			return nil
		}
		g.readers.Add(1)
		if r.current.Load() == g {
			return g
		}
		g.release() // it was replaced meanwhile
	}
}

// Generation is the current one, nil before the first Swap.
func (r *Router) Generation() *Generation { return r.current.Load() }

// Decide decides one prompt. It fails with ErrNotReady, ErrEmbedder, ErrIndex
// or the error of ctx; being unsure is not an error but an abstention.
func (r *Router) Decide(ctx context.Context, p Prompt, limits Limits) (d Decision, err error) {
	s, _ := r.singles.Get().(*single)
	s.prompts[0] = p
	s.batch.router, s.batch.limits, s.batch.jobs = r, limits.withDefaults(), s.jobs[:]
	if err = s.batch.decide(ctx, s.prompts[:]); err == nil {
		d = s.jobs[0].decision
	}
	s.batch.g = nil // nothing of a generation or the caller's is held
	clear(s.prompts[:])
	clear(s.jobs[:])
	r.singles.Put(s)
	return d, err
}

// single is the working memory of a batch of one.
type single struct {
	batch   batch
	prompts [1]Prompt
	jobs    [1]job
}

// DecideBatch decides all prompts on one generation, embedding what must be
// embedded in one call. Either all are decided or none.
func (r *Router) DecideBatch(ctx context.Context, prompts []Prompt, limits Limits) ([]Decision, error) {
	b := batch{router: r, limits: limits.withDefaults(), jobs: make([]job, len(prompts))}
	if err := b.decide(ctx, prompts); err != nil {
		return nil, err
	}
	decisions := make([]Decision, len(prompts))
	for i := range b.jobs {
		decisions[i] = b.jobs[i].decision
	}
	return decisions, nil
}

// decide runs the batch on the current generation and takes the time.
func (b *batch) decide(ctx context.Context, prompts []Prompt) error {
	if b.g = b.router.acquire(); b.g == nil {
		return ErrNotReady
	}
	defer b.g.release()
	if err := ctx.Err(); err != nil {
		return err
	}
	start := b.router.clock()
	b.now = start
	if err := b.run(ctx, prompts); err != nil {
		return err
	}
	total := micros(b.now.Sub(start))
	for i := range b.jobs {
		b.jobs[i].decision.Timings.Total = total
	}
	return nil
}

// Default sizes of what a decision shows.
const (
	defaultCandidates = 5
	defaultMatches    = 3
)

func (l Limits) withDefaults() Limits {
	l.Candidates = limit(l.Candidates, defaultCandidates)
	l.Matches = limit(l.Matches, defaultMatches)
	return l
}

func limit(asked, otherwise int) int {
	switch {
	case asked == 0:
		return otherwise
	case asked < 0:
		return 0
	}
	return asked
}

// NewID makes a decision id, a UUIDv7: later ones sort behind earlier ones.
func NewID() string {
	id, err := uuid.NewV7()
	if err != nil { // the system's randomness is gone; a random-less id still tells apart
		return uuid.NewSHA1(uuid.Nil, []byte(time.Now().String())).String()
	}
	return id.String()
}

func micros(d time.Duration) uint32 {
	if d < 0 {
		return 0
	}
	return uint32(min(d.Microseconds(), 1<<32-1))
}
