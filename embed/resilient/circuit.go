package resilient

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/semroute/semroute/embed"
)

// Defaults of CircuitConfig.
const (
	DefaultFailures     = 3
	DefaultPatience     = 250 * time.Millisecond
	DefaultProbeEvery   = time.Second
	DefaultProbeTimeout = 15 * time.Second
	DefaultProbeMost    = 5 * time.Minute
)

// CircuitConfig of a Circuit; zero values are defaults.
type CircuitConfig struct {
	// Failures in succession open the circuit.
	Failures uint
	// Patience is how long a call must have waited for its deadline to be charged
	// to the server and not to a hurried caller; ten times that for one that was
	// given up, which callers do for other reasons too.
	Patience time.Duration
	// ProbeEvery is the pause between two probes of an open circuit.
	ProbeEvery time.Duration
	// ProbeTimeout bounds the first probe. Each further one may take twice as
	// long, up to ProbeMost, because loading a large model takes minutes and
	// starts anew whenever somebody stops waiting for it.
	ProbeTimeout, ProbeMost time.Duration
	// Probe says whether the server works; nil embeds a word.
	Probe func(ctx context.Context) error
	// OnChange is told when the circuit opens, with the last failure, and when
	// it closes, with nil; one call at a time. nil tells nobody.
	OnChange func(cause error)
}

// Circuit is an embedder whose queries fail at once while the server behind it
// is known not to work. It opens after some failures in succession. Then no
// caller has to try whether the server is back: a goroutine probes it, first
// at once, and closes the circuit when it answers. Documents are neither
// counted nor held back: whoever embeds a catalog waits and retries by itself.
// It is safe for concurrent use. Close ends the probing.
type Circuit struct {
	embed.Embedder
	config  CircuitConfig
	breaker circuitbreaker.CircuitBreaker[any]
	probing sync.WaitGroup
	life    context.Context //nolint:containedctx // of the probing, which no caller's context bounds
	end     context.CancelFunc

	mu    sync.Mutex // protects cause
	cause error      // why the circuit is open; nil: it is closed
}

var _ embed.Embedder = (*Circuit)(nil)

// givenUp is how many times Patience a call must have waited that its caller
// gave up.
const givenUp = 10

// probeText is what the usual probe embeds.
const probeText = "probe"

// NewCircuit puts a circuit in front of an embedder.
func NewCircuit(e embed.Embedder, config CircuitConfig) *Circuit {
	config.Failures = orDefault(config.Failures, DefaultFailures)
	config.Patience = orDefault(config.Patience, DefaultPatience)
	config.ProbeEvery = orDefault(config.ProbeEvery, DefaultProbeEvery)
	config.ProbeTimeout = orDefault(config.ProbeTimeout, DefaultProbeTimeout)
	config.ProbeMost = max(config.ProbeTimeout, orDefault(config.ProbeMost, DefaultProbeMost))
	if config.Probe == nil {
		config.Probe = func(ctx context.Context) error {
			_, err := e.EmbedQueries(ctx, []string{probeText})
			return err
		}
	}
	c := &Circuit{Embedder: e, config: config}
	c.life, c.end = context.WithCancel(context.Background())
	// The breaker counts and holds the state. It is never asked for a trial
	// call, so it stays open until a probe closes it.
	c.breaker = circuitbreaker.NewBuilder[any]().WithFailureThreshold(config.Failures).Build()
	return c
}

// EmbedQueries implements embed.Embedder. While the circuit is open the error
// is an embed.ErrCircuitOpen and the failure that opened it.
func (c *Circuit) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	if cause := c.Cause(); cause != nil {
		return embed.Batch{}, fmt.Errorf("%w: %w", embed.ErrCircuitOpen, cause)
	}
	start := time.Now()
	batch, err := c.Embedder.EmbedQueries(ctx, texts)
	c.record(err, time.Since(start))
	return batch, err
}

// Cause is the failure that opened the circuit; nil while it is closed.
func (c *Circuit) Cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// Close ends the probing of an open circuit and waits for its end.
func (c *Circuit) Close() {
	c.mu.Lock() // no probing starts after the end
	c.end()
	c.mu.Unlock()
	c.probing.Wait()
}

func (c *Circuit) record(err error, took time.Duration) {
	switch c.charge(err, took) {
	case healthy:
		c.breaker.RecordSuccess()
	case failed:
		c.breaker.RecordFailure()
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w: a call was not answered within %s", embed.ErrUnreachable, took.Round(time.Millisecond))
		}
		if c.breaker.IsOpen() {
			c.open(err)
		}
	case unknown:
	}
}

// verdict is what a call says about the server.
type verdict int

const (
	unknown verdict = iota
	healthy
	failed
)

// charge judges a call. A server that answers works, whatever it says of the
// texts. A call that its caller ended says something only if it took so long
// that most would have been answered.
func (c *Circuit) charge(err error, took time.Duration) verdict {
	var some *embed.TextsError
	switch {
	case err == nil || errors.As(err, &some):
		return healthy
	case errors.Is(err, context.Canceled):
		return failedIf(took >= givenUp*c.config.Patience)
	case errors.Is(err, context.DeadlineExceeded):
		return failedIf(took >= c.config.Patience)
	case embed.RetryMayHelp(err):
		return failed
	}
	return unknown
}

func failedIf(late bool) verdict {
	if late {
		return failed
	}
	return unknown
}

// open is called for every failure while the breaker is open; the first of
// them starts the probing.
func (c *Circuit) open(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil || c.life.Err() != nil {
		return
	}
	c.cause = cause
	c.probing.Go(func() { c.probe(cause) })
}

// probe asks until the server answers, then closes the circuit.
func (c *Circuit) probe(cause error) {
	c.tell(cause)
	patience := c.config.ProbeTimeout
	for c.once(patience) != nil {
		select {
		case <-time.After(c.config.ProbeEvery):
		case <-c.life.Done():
			return
		}
		patience = min(2*patience, c.config.ProbeMost)
	}
	c.tell(nil) // before the circuit can open again
	c.mu.Lock()
	defer c.mu.Unlock()
	c.breaker.Close()
	c.cause = nil
}

// once is one probe. A panic of the embedder is a failure like others.
func (c *Circuit) once(patience time.Duration) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", embed.ErrEmbed, p)
		}
	}()
	ctx, cancel := context.WithTimeout(c.life, patience)
	defer cancel()
	return c.config.Probe(ctx)
}

func (c *Circuit) tell(cause error) {
	if c.config.OnChange != nil {
		c.config.OnChange(cause)
	}
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
