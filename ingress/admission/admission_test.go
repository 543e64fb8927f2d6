package admission

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go/priority"

	"github.com/semroute/semroute/router"
)

// narrow decides one prompt after another, each in so much time.
type narrow struct {
	takes time.Duration
	place chan struct{}

	mu      sync.Mutex
	decided int
	expired int // whose caller's time was over already
}

func newNarrow(takes time.Duration) *narrow {
	return &narrow{takes: takes, place: make(chan struct{}, 1)}
}

func (n *narrow) Decide(ctx context.Context, _ router.Prompt, _ router.Limits) (router.Decision, error) {
	n.mu.Lock()
	n.decided++
	if ctx.Err() != nil {
		n.expired++
	}
	n.mu.Unlock()
	n.place <- struct{}{}
	defer func() { <-n.place }()
	time.Sleep(n.takes)
	return router.Decision{}, ctx.Err()
}

func (n *narrow) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	_, err := n.Decide(ctx, router.Prompt{}, limits)
	return make([]router.Decision, len(prompts)), err
}

// TestOverloadLeavesGoodput: three times of what can be decided is asked for, for
// ten seconds on a clock of the test's own.
func TestOverloadLeavesGoodput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const takes, deadline, lasts = 10 * time.Millisecond, 500 * time.Millisecond, 10 * time.Second
		d := newNarrow(takes)
		g := New(d)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { g.Run(ctx) })
		var calls sync.WaitGroup
		var mu sync.Mutex
		good, refused, slowest := 0, 0, time.Duration(0)
		for begin := time.Now(); time.Since(begin) < lasts; time.Sleep(takes / 3) {
			calls.Go(func() {
				start := time.Now()
				ctx, cancel := context.WithTimeout(ctx, deadline)
				defer cancel()
				_, err := g.Decide(ctx, router.Prompt{}, router.Limits{})
				mu.Lock()
				defer mu.Unlock()
				var overloaded *OverloadedError
				switch {
				case err == nil:
					good++
					slowest = max(slowest, time.Since(start))
				case errors.As(err, &overloaded):
					refused++
					if overloaded.RetryAfter < soonest || overloaded.RetryAfter > latest {
						t.Errorf("ask again in %s", overloaded.RetryAfter)
					}
				}
			})
		}
		calls.Wait()
		stop()
		running.Wait()
		if possible := int(lasts / takes); good < possible*9/10 || refused < possible {
			t.Errorf("%d of %d that are possible were decided, %d refused", good, possible, refused)
		}
		if most := longestWait + time.Duration(4*least*runtime.GOMAXPROCS(0))*takes; slowest > most {
			t.Errorf("one that was let in took %s, at most %s is due", slowest, most)
		}
		if d.expired > 0 {
			t.Errorf("%d were decided for nobody", d.expired)
		}
	})
}

func TestNobodyWorksForACallerWhoseTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newNarrow(100 * time.Millisecond)
		g := New(d)
		ask := func(within time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			_, err := g.Decide(ctx, router.Prompt{}, router.Limits{})
			return err
		}
		for range 200 { // it learns how long a decision takes
			if err := ask(time.Second); err != nil {
				t.Fatal(err)
			}
		}
		before := d.decided
		for _, within := range []time.Duration{-1, 0, 50 * time.Millisecond} {
			if err := ask(within); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with %s left: %v", within, err)
			}
		}
		if d.decided != before {
			t.Errorf("%d were begun", d.decided-before)
		}
		// Once it is quick again that is found out, however little time callers have.
		d.takes = time.Millisecond
		for range 500 {
			if ask(50*time.Millisecond) == nil {
				return
			}
		}
		t.Error("nobody is let in any more")
	})
}

func TestWhoIsLetInFirst(t *testing.T) {
	for class, want := range map[Class]priority.Priority{Single: priority.High, Batch: priority.Medium, Forward: priority.Low} {
		if got := priorityOf(With(t.Context(), class)); got != want {
			t.Errorf("class %d has priority %d, want %d", class, got, want)
		}
	}
	if got := priorityOf(t.Context()); got != priority.High {
		t.Errorf("without a class the priority is %d", got)
	}
}

func TestBatchesPassAsWell(t *testing.T) {
	g := New(newNarrow(0))
	if ds, err := g.DecideBatch(t.Context(), make([]router.Prompt, 3), router.Limits{}); err != nil || len(ds) != 3 {
		t.Errorf("%d decisions, %v", len(ds), err)
	}
}
