package measure

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// ManyCallers is how many call at once where a server is to be busy.
const ManyCallers = 64

// Call is one call by the caller of that number, counted from 0.
type Call func(ctx context.Context, caller int) error

// Rate lets the callers call back to back for a while and returns calls a
// second. The first error ends it.
func Rate(ctx context.Context, callers int, d time.Duration, do Call) (float64, error) {
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

// Latencies lets the callers make n calls in all and returns how long each
// took, in microseconds.
func Latencies(ctx context.Context, callers, n int, do Call) ([]float64, error) {
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
				own = append(own, Microseconds(time.Since(start)))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
			return nil
		})
	}
	return all, group.Wait()
}

// Microseconds is a duration in them.
func Microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// BusyArm is RateArm of many callers that also notes the processor time of a call, client and
// server together, in microseconds. It hardly changes when other work takes the
// machine's cores away.
func BusyArm(d time.Duration, busy *[]float64, do Call) Arm {
	return func(ctx context.Context) (float64, error) {
		before, start := processorTime(), time.Now()
		perSecond, err := Rate(ctx, ManyCallers, d, do)
		calls := perSecond * time.Since(start).Seconds()
		*busy = append(*busy, Microseconds(processorTime()-before)/max(1, calls))
		return perSecond, err
	}
}

// RateArm is calls a second.
func RateArm(callers int, d time.Duration, do Call) Arm {
	return func(ctx context.Context) (float64, error) { return Rate(ctx, callers, d, do) }
}

// MedianArm is the median of n calls, one after another, in microseconds.
func MedianArm(n int, do Call) Arm {
	return func(ctx context.Context) (float64, error) {
		took, err := Latencies(ctx, 1, n, do)
		return Quantile(took, 0.5), err
	}
}

// InTurn makes a call that takes one after another of the list, and begins
// again at its end.
func InTurn[T any](list []T, do func(context.Context, T) error) Call {
	var turn atomic.Uint64
	return func(ctx context.Context, _ int) error {
		return do(ctx, list[turn.Add(1)%uint64(len(list))])
	}
}
