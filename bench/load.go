package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// Load says how a running server is loaded.
type Load struct {
	// Target is the server's address.
	Target string
	// Prompts are asked in turn.
	Prompts []string
	// Rate is calls a second, started on schedule whether or not the ones
	// before have ended. 0 lets the callers call back to back.
	Rate float64
	// Duration is how long calls are started.
	Duration time.Duration
	// Callers bounds the calls in flight.
	Callers int
	// Connections is how many the callers share.
	Connections int
	// empty asks for the server's health instead: what the transport and the
	// machine do to the same schedule.
	empty bool
}

// ErrLoad: the load makes no sense.
var ErrLoad = errors.New("unusable load")

// Percentiles of a latency, in microseconds.
type Percentiles struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// LoadReport is what came of a load. Latencies are counted from when a call
// was meant to start, so that a server that stalls does not hide the calls
// that it kept from starting.
type LoadReport struct {
	Target string `json:"target"`
	// AskedRate is 0 where callers called back to back.
	AskedRate float64 `json:"asked_rate"`
	Rate      float64 `json:"rate"`
	Seconds   float64 `json:"seconds"`
	Calls     int64   `json:"calls"`
	Errors    int64   `json:"errors"`
	// ErrorsByCode counts them by gRPC status.
	ErrorsByCode map[string]int64 `json:"errors_by_code"`
	LatencyUS    Percentiles      `json:"latency_us"`
}

const (
	callTimeout = 30 * time.Second
	hdrDigits   = 3
	// backlog is how many calls may wait for a caller before the schedule
	// itself is held up; they keep their intended start.
	backlog = 1 << 16
)

// Attack loads a server and reports. Calls that fail are counted, not an
// error; that none went well is.
func Attack(ctx context.Context, l Load) (LoadReport, error) {
	if len(l.Prompts) == 0 || l.Callers < 1 || l.Duration <= 0 || l.Rate < 0 {
		return LoadReport{}, fmt.Errorf("%w: it needs prompts, a caller or more, a duration and no negative rate", ErrLoad)
	}
	asked := requests(l.Prompts)
	var asks []ask
	for range max(1, l.Connections) {
		conn, err := connect(l.Target)
		if err != nil {
			return LoadReport{}, fmt.Errorf("%w: %w", ErrLoad, err)
		}
		defer func() { _ = conn.Close() }()
		asks = append(asks, l.ask(conn, asked))
	}
	if err := asks[0](ctx, 0); err != nil { // before the schedule begins
		return LoadReport{}, fmt.Errorf("server %s: %w", l.Target, err)
	}
	// The schedule waits in a thread of its own, which must not cost the callers
	// one of theirs.
	before := runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	defer runtime.GOMAXPROCS(before)

	waiting := backlog
	if l.Rate == 0 {
		waiting = 0 // a caller takes the next when it is free
	}
	slots := make(chan slot, waiting)
	all := make([]*tally, l.Callers)
	var callers sync.WaitGroup
	start := time.Now()
	for i := range all {
		all[i] = newTally()
		callers.Go(func() { all[i].work(ctx, asks[i%len(asks)], slots) })
	}
	schedule(ctx, l, start, slots)
	close(slots)
	callers.Wait()
	return summary(l, all, time.Since(start)), ctx.Err()
}

// ask makes the call of that number.
type ask func(ctx context.Context, number int) error

func (l *Load) ask(conn *grpc.ClientConn, requests []*semroutev1.RouteRequest) ask {
	if l.empty {
		client := healthv1.NewHealthClient(conn)
		return func(ctx context.Context, _ int) error {
			_, err := client.Check(ctx, &healthv1.HealthCheckRequest{})
			return err
		}
	}
	client := semroutev1.NewRouterServiceClient(conn)
	return func(ctx context.Context, number int) error {
		_, err := client.Route(ctx, requests[number%len(requests)])
		return err
	}
}

// slot is a call that is to be made: its number and when it should start;
// a zero time is now.
type slot struct {
	number int
	start  time.Time
}

// schedule hands out the calls. Without a rate a caller that is free gets the
// next at once.
func schedule(ctx context.Context, l Load, start time.Time, slots chan<- slot) {
	if l.Rate == 0 {
		for n := 0; time.Since(start) < l.Duration; n++ {
			select {
			case slots <- slot{number: n}:
			case <-ctx.Done():
				return
			}
		}
		return
	}
	clock, done := newPacer()
	defer done()
	total := int(l.Rate * l.Duration.Seconds())
	for n := range total {
		at := start.Add(time.Duration(float64(n) / l.Rate * float64(time.Second)))
		clock.until(at)
		select {
		case slots <- slot{number: n, start: at}:
		case <-ctx.Done():
			return
		}
	}
}

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

func summary(l Load, all []*tally, took time.Duration) LoadReport {
	r := LoadReport{Target: l.Target, AskedRate: l.Rate, Seconds: took.Seconds(), ErrorsByCode: map[string]int64{}}
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
