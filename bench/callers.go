package bench

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// call is one call by the caller of that number, counted from 0.
type call func(ctx context.Context, caller int) error

// rate lets the callers call back to back for a while and returns calls a
// second. The first error ends it.
func rate(ctx context.Context, callers int, d time.Duration, do call) (float64, error) {
	var over atomic.Bool
	timer := time.AfterFunc(d, func() { over.Store(true) })
	defer timer.Stop()
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	start := time.Now()
	for caller := range callers {
		group.Go(func() error {
			n := int64(0)
			for !over.Load() {
				if err := do(ctx, caller); err != nil {
					return err
				}
				n++
			}
			done.Add(n)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	return float64(done.Load()) / time.Since(start).Seconds(), nil
}

// latencies lets the callers make n calls in all and returns how long each
// took, in microseconds.
func latencies(ctx context.Context, callers, n int, do call) ([]float64, error) {
	var left atomic.Int64
	left.Store(int64(n))
	var mu sync.Mutex
	all := make([]float64, 0, n)
	group, ctx := errgroup.WithContext(ctx)
	for caller := range callers {
		group.Go(func() error {
			var own []float64
			for left.Add(-1) >= 0 {
				start := time.Now()
				if err := do(ctx, caller); err != nil {
					return err
				}
				own = append(own, microseconds(time.Since(start)))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
			return nil
		})
	}
	return all, group.Wait()
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// busyArm is rateArm of many callers that also notes the processor time of a call, client and
// server together, in microseconds. It hardly changes when other work takes the
// machine's cores away.
func busyArm(d time.Duration, busy *[]float64, do call) arm {
	return func(ctx context.Context) (float64, error) {
		before, start := processorTime(), time.Now()
		perSecond, err := rate(ctx, manyCallers, d, do)
		calls := perSecond * time.Since(start).Seconds()
		*busy = append(*busy, microseconds(processorTime()-before)/max(1, calls))
		return perSecond, err
	}
}

// rateArm is calls a second.
func rateArm(callers int, d time.Duration, do call) arm {
	return func(ctx context.Context) (float64, error) { return rate(ctx, callers, d, do) }
}

// medianArm is the median of n calls, one after another, in microseconds.
func medianArm(n int, do call) arm {
	return func(ctx context.Context) (float64, error) {
		took, err := latencies(ctx, 1, n, do)
		return quantile(took, 0.5), err
	}
}

// inTurn makes a call that takes one after another of the list, and begins
// again at its end.
func inTurn[T any](list []T, do func(context.Context, T) error) call {
	var turn atomic.Uint64
	return func(ctx context.Context, _ int) error {
		return do(ctx, list[turn.Add(1)%uint64(len(list))])
	}
}
