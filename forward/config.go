package forward

import (
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/routes"
)

// Defaults of Config.
const (
	defaultAttemptTimeout    = 2 * time.Minute
	defaultTotalTimeout      = 5 * time.Minute
	defaultFirstPieceTimeout = time.Minute
	defaultIdleTimeout       = 30 * time.Second
	defaultSendTimeout       = time.Minute
	defaultMaxAttempts       = 4
	defaultAttemptsPerModel  = 2
	defaultBackoff           = 100 * time.Millisecond
	defaultMaxBackoff        = 2 * time.Second
	defaultMaxRetryAfter     = 2 * time.Second
	defaultCircuitFailures   = 5
	defaultCircuitWindow     = 10
	defaultCircuitDelay      = 10 * time.Second
	defaultMaxConcurrent     = 4096
	defaultQueueWait         = time.Second
	defaultMaxAnswerBytes    = 10 << 20
	defaultAnswerTokens      = 1024
	defaultSpeedMemory       = 10 * time.Minute
)

// Config are the forwarder's limits; a field that is 0 has its default. The
// catalog may set others for a model or a route.
type Config struct {
	// AttemptTimeout (2 min) bounds one attempt, TotalTimeout (5 min) a call
	// with all its attempts. Neither runs while the caller takes a piece.
	AttemptTimeout time.Duration
	TotalTimeout   time.Duration
	// FirstPieceTimeout (1 min) bounds the silence before an answer's first
	// piece, IdleTimeout (30 s) the one between two pieces.
	FirstPieceTimeout time.Duration
	IdleTimeout       time.Duration
	// SendTimeout (1 min) bounds how long the caller may take for one piece;
	// all pieces together may take it as long as TotalTimeout.
	SendTimeout time.Duration
	// MaxAttempts (4) bounds the attempts of a call, AttemptsPerModel (2) those
	// at one model before the next is asked.
	MaxAttempts      int
	AttemptsPerModel int
	// Backoff (100 ms) is the pause before the first retry; it doubles up to
	// MaxBackoff (2 s), with a jitter of a quarter.
	Backoff    time.Duration
	MaxBackoff time.Duration
	// MaxRetryAfter (2 s) is the longest pause an upstream can ask for that is
	// waited for; a model that asks for more is left alone meanwhile.
	MaxRetryAfter time.Duration
	// A model's circuit opens when CircuitFailures (5) of the last
	// CircuitWindow (10) attempts failed, for CircuitDelay (10 s); then one
	// attempt is let through.
	CircuitFailures uint
	CircuitWindow   uint
	CircuitDelay    time.Duration
	// MaxConcurrent (4096) bounds the calls in flight to a model. The last
	// model of a call waits QueueWait (1 s) for a place, others are skipped.
	MaxConcurrent int
	QueueWait     time.Duration
	// MaxAnswerBytes (10 MiB) bounds an answer.
	MaxAnswerBytes int64
	// AnswerTokens (1024) is how long an answer is taken to be when budgets are
	// checked and the request sets no bound.
	AnswerTokens int
	// SpeedMemory (10 min) is how long an observed speed counts.
	SpeedMemory time.Duration
}

func (c Config) withDefaults() Config {
	duration(&c.AttemptTimeout, defaultAttemptTimeout)
	duration(&c.TotalTimeout, defaultTotalTimeout)
	duration(&c.FirstPieceTimeout, defaultFirstPieceTimeout)
	duration(&c.IdleTimeout, defaultIdleTimeout)
	duration(&c.SendTimeout, defaultSendTimeout)
	duration(&c.Backoff, defaultBackoff)
	duration(&c.MaxBackoff, max(defaultMaxBackoff, c.Backoff*2))
	duration(&c.MaxRetryAfter, defaultMaxRetryAfter)
	duration(&c.CircuitDelay, defaultCircuitDelay)
	duration(&c.QueueWait, defaultQueueWait)
	duration(&c.SpeedMemory, defaultSpeedMemory)
	number(&c.MaxAttempts, defaultMaxAttempts)
	number(&c.AttemptsPerModel, defaultAttemptsPerModel)
	number(&c.MaxConcurrent, defaultMaxConcurrent)
	number(&c.AnswerTokens, defaultAnswerTokens)
	if c.MaxAnswerBytes <= 0 {
		c.MaxAnswerBytes = defaultMaxAnswerBytes
	}
	if c.CircuitFailures == 0 {
		c.CircuitFailures = defaultCircuitFailures
	}
	if c.CircuitWindow < c.CircuitFailures {
		c.CircuitWindow = max(defaultCircuitWindow, c.CircuitFailures)
	}
	return c
}

func duration(d *time.Duration, or time.Duration) {
	if *d <= 0 {
		*d = or
	}
}

func number(n *int, or int) {
	if *n <= 0 {
		*n = or
	}
}

// Deps are what a Forwarder works with.
type Deps struct {
	// Catalog names models, routes and how each route is forwarded.
	Catalog *routes.Catalog
	// Providers reach the catalog's models, by model name. A model without one
	// cannot be called.
	Providers map[string]Provider
	// Tokens counts tokens; needed.
	Tokens Counter
	// Budgets may be nil: then none is kept.
	Budgets Budgets
	// Log may be nil: then records are only returned.
	Log Log
	// Predictor may be nil: then the quality strategy takes the route's order.
	Predictor Predictor
	// Health keeps what is known about the models over a change of the
	// catalog; nil starts anew.
	Health *Health
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Logger is told of what no record can hold, such as the stack of a panic.
	// The zero value is silent.
	Logger zerolog.Logger
	// Random gives numbers in [0, 1) for weighted choices without a user; nil is
	// the runtime's source.
	Random func() float64
}

func (d Deps) withDefaults() Deps {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Random == nil {
		d.Random = rand.Float64
	}
	return d
}

// Predictor expects a quality in [0, 1] for each model that it knows. It is
// safe for concurrent use.
type Predictor interface {
	Predict(prompt string, vector []float32) map[string]float64
}
