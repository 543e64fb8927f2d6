package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/bench/measure"
	"golang.org/x/sync/errgroup"
)

// doorArm is one way to a model: whom to ask for what.
type doorArm struct {
	name, url, model string
	// ours is semroute; seen asks the same prompts again and again.
	ours, seen bool
}

// fresh gives prompts of which none was asked before, so that no cache knows them,
// or such as were.
type fresh struct {
	prompts []string
	given   atomic.Int64
}

// seenPrompts is how many are asked again and again.
const seenPrompts = 32

func (f *fresh) next(seen bool) string {
	n := f.given.Add(1)
	if seen {
		return f.prompts[n%min(seenPrompts, int64(len(f.prompts)))]
	}
	return fmt.Sprintf("%s, number %d", f.prompts[n%int64(len(f.prompts))], n)
}

// ask has the callers make n calls in all and gives the times to the first piece.
// Many callers begin one after another and rest a
// little between calls, as people do, so that they do not all come at once.
func (a doorArm) ask(ctx context.Context, client *http.Client, callers, n int, prompts *fresh) (took []float64, err error) {
	var mu sync.Mutex // protects took
	var left atomic.Int64
	left.Store(int64(n))
	group, ctx := errgroup.WithContext(ctx)
	for caller := range callers {
		r := rand.New(rand.NewPCG(7, uint64(caller)))
		group.Go(func() error {
			if callers > 1 && !measure.Wait(ctx, doorLife*time.Duration(caller)/time.Duration(callers)) {
				return ctx.Err()
			}
			for i := left.Add(-1); i >= 0; i = left.Add(-1) {
				first, err := direct(ctx, client, a.url, a.model, prompts.next(a.seen))
				if err != nil {
					return err
				}
				mu.Lock()
				took = append(took, measure.Microseconds(first))
				mu.Unlock()
				if callers > 1 && !measure.Wait(ctx, time.Duration(r.Int64N(int64(doorLife/2)))) {
					return ctx.Err()
				}
			}
			return nil
		})
	}
	return took, group.Wait()
}

// doorRows are the results: what each arm adds to the first, a direct call, and how
// the last compares where it is another's.
func doorRows(callers int, arms []doorArm, p50, p99 [][]float64) (rows measure.Rows) {
	at := fmt.Sprintf(", %d callers", callers)
	if callers == 1 {
		at = ", 1 caller"
	}
	const adds = " adds to the first piece by HTTP"
	rows = append(rows,
		measure.Plain("first piece of a direct call by HTTP"+at+", p50", measure.Over(p50[0]), "µs"),
		measure.Plain("first piece of a direct call by HTTP"+at+", p99", measure.Over(p99[0]), "µs"))
	for i, arm := range arms[1:] {
		middle, late := measure.Less(p50[i+1], p50[0]), measure.Less(p99[i+1], p99[0])
		name := arm.name + adds + at
		if arm.ours {
			rows = append(rows, measure.AtMost(name+", p50", middle, "µs", doorP50), measure.AtMost(name+", p99", late, "µs", doorP99))
			continue
		}
		rows = append(rows, measure.Plain(name+", p50", middle, "µs"), measure.Plain(name+", p99", late, "µs"))
	}
	const bare, ours = 1, 3
	if last := len(arms) - 1; !arms[last].ours {
		rows = append(rows,
			measure.AtLeast("LiteLLM's proxy ÷ semroute, first piece by HTTP"+at+", p50", measure.Divided(p50[last], p50[ours]), "ratio", 1),
			measure.AtLeast("LiteLLM's proxy ÷ semroute, first piece by HTTP"+at+", p99", measure.Divided(p99[last], p99[ours]), "ratio", 1))
	}
	return append(rows, measure.Plain("semroute ÷ a bare reverse proxy, first piece by HTTP"+at+", p50", measure.Divided(p50[ours], p50[bare]), "ratio"))
}
