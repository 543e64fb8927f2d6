package eval

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/semroute/semroute/router"
)

// Latency is in microseconds. P50 and P99 are of single decisions, one call
// each, one after the other, as a caller in the same process sees them; Batch
// is the mean time a prompt when decided in batches.
type Latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	// N is how many single decisions were timed, at most 500.
	N     int     `json:"n"`
	Batch float64 `json:"batch"`
}

// warmUp is decided before the clock starts: a first call may load a model.
const warmUp = "a first prompt that nobody times"

func (r *run) latency(ctx context.Context) (Latency, error) {
	if _, err := r.replay.decider.DecideBatch(ctx, []router.Prompt{{Text: warmUp}}, shown); err != nil {
		return Latency{}, fmt.Errorf("deciding a first prompt: %w", err)
	}
	spent := make([]float64, len(r.timed))
	for i := range r.timed {
		start := r.clock()
		if _, err := r.replay.some(ctx, r.timed[i:i+1]); err != nil {
			return Latency{}, fmt.Errorf("deciding a prompt alone: %w", err)
		}
		spent[i] = micros(r.clock().Sub(start))
	}
	slices.Sort(spent)
	return Latency{P50: quantile(spent, 0.5), P99: quantile(spent, 0.99), N: len(spent)}, nil
}

// quantile is the smallest of the sorted values that a share q of them does
// not exceed; 0 without values.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
