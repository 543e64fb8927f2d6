package load

import (
	"context"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"google.golang.org/grpc/status"
)

// tally is what one caller has seen.
type tally struct {
	took   *hdr.Histogram // nanoseconds
	errors map[string]int64
}

func newTally() *tally {
	return &tally{took: hdr.New(1, (2 * callTimeout).Nanoseconds(), hdrDigits), errors: map[string]int64{}}
}

func (t *tally) work(ctx context.Context, do ask, slots <-chan slot) {
	for s := range slots {
		if s.start.IsZero() {
			s.start = time.Now()
		}
		bounded, cancel := context.WithTimeout(ctx, callTimeout)
		err := do(bounded, s.number)
		cancel()
		if ctx.Err() != nil {
			continue
		}
		if err != nil {
			t.errors[status.Code(err).String()]++
		}
		took := min(time.Since(s.start).Nanoseconds(), t.took.HighestTrackableValue())
		_ = t.took.RecordValue(max(1, took)) // within its range by the line above
	}
}

func summary(c Config, all []*tally, took time.Duration) Report {
	r := Report{Target: c.Target, AskedRate: c.Rate, Seconds: took.Seconds(), ErrorsByCode: map[string]int64{}}
	sum := newTally().took
	for _, t := range all {
		sum.Merge(t.took)
		for code, n := range t.errors {
			r.ErrorsByCode[code] += n
			r.Errors += n
		}
	}
	r.Calls = sum.TotalCount()
	r.Rate = float64(r.Calls) / took.Seconds()
	at := func(percent float64) float64 { return float64(sum.ValueAtPercentile(percent)) / 1000 }
	r.LatencyUS = Percentiles{
		Mean: sum.Mean() / 1000, P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: float64(sum.Max()) / 1000,
	}
	return r
}
