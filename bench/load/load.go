// Package load loads a running server on a schedule and reports latencies that
// count from when a call was meant to start. It says nothing of what they should be.
package load

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/semroute/semroute/bench/client"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// Config says how a running server is loaded.
type Config struct {
	// Target is the server's address, Options those of connections to it; none is
	// without TLS and without a key.
	Target  string
	Options []grpc.DialOption
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
	// HealthChecks asks for the server's health instead: what the transport and the
	// machine do to the same schedule.
	HealthChecks bool
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

// Report is what came of a load. Latencies are counted from when a call
// was meant to start, so that a server that stalls does not hide the calls
// that it kept from starting.
type Report struct {
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

// Check is ErrLoad where the load makes no sense.
func (c *Config) Check() error {
	if len(c.Prompts) == 0 || c.Callers < 1 || c.Duration <= 0 || c.Rate < 0 {
		return fmt.Errorf("%w: it needs prompts, a caller or more, a duration and no negative rate", ErrLoad)
	}
	return nil
}

// Attack loads a server and reports. Calls that fail are counted, not an
// error; that none went well is.
func Attack(ctx context.Context, c Config) (Report, error) {
	if err := c.Check(); err != nil {
		return Report{}, err
	}
	asked := client.Requests(c.Prompts)
	var asks []ask
	for range max(1, c.Connections) {
		conn, err := client.Connect(c.Target, c.Options...)
		if err != nil {
			return Report{}, fmt.Errorf("%w: %w", ErrLoad, err)
		}
		defer func() { _ = conn.Close() }()
		asks = append(asks, c.ask(conn, asked))
	}
	if err := asks[0](ctx, 0); err != nil { // before the schedule begins
		return Report{}, fmt.Errorf("server %s: %w", c.Target, err)
	}
	// The schedule waits in a thread of its own, which must not cost the callers
	// one of theirs.
	before := runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	defer runtime.GOMAXPROCS(before)

	waiting := backlog
	if c.Rate == 0 {
		waiting = 0 // a caller takes the next when it is free
	}
	slots := make(chan slot, waiting)
	all := make([]*tally, c.Callers)
	var callers sync.WaitGroup
	start := time.Now()
	for i := range all {
		all[i] = newTally()
		callers.Go(func() { all[i].work(ctx, asks[i%len(asks)], slots) })
	}
	schedule(ctx, c, start, slots)
	close(slots)
	callers.Wait()
	return summary(c, all, time.Since(start)), ctx.Err()
}

// ask makes the call of that number.
type ask func(ctx context.Context, number int) error

func (c *Config) ask(conn *grpc.ClientConn, requests []*semroutev1.RouteRequest) ask {
	if c.HealthChecks {
		health := healthv1.NewHealthClient(conn)
		return func(ctx context.Context, _ int) error {
			_, err := health.Check(ctx, &healthv1.HealthCheckRequest{})
			return err
		}
	}
	router := semroutev1.NewRouterServiceClient(conn)
	return func(ctx context.Context, number int) error {
		_, err := router.Route(ctx, requests[number%len(requests)])
		return err
	}
}
