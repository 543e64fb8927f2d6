package forward

import "time"

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
	defaultCircuitDelay      = time.Second
	defaultMaxConcurrent     = 4096
	defaultQueueWait         = time.Second
	defaultMaxAnswerBytes    = 10 << 20
	defaultAnswerTokens      = 1024
	defaultSpeedMemory       = 10 * time.Minute
)

// Config are the limits of forwarding; a field that is 0 has its default. The
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
	// CircuitWindow (10) attempts failed, for CircuitDelay (1 s); then one
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

// WithDefaults is the configuration with every field set.
func (c Config) WithDefaults() Config {
	orDefault(&c.AttemptTimeout, defaultAttemptTimeout)
	orDefault(&c.TotalTimeout, defaultTotalTimeout)
	orDefault(&c.FirstPieceTimeout, defaultFirstPieceTimeout)
	orDefault(&c.IdleTimeout, defaultIdleTimeout)
	orDefault(&c.SendTimeout, defaultSendTimeout)
	orDefault(&c.Backoff, defaultBackoff)
	orDefault(&c.MaxBackoff, max(defaultMaxBackoff, c.Backoff*2))
	orDefault(&c.MaxRetryAfter, defaultMaxRetryAfter)
	orDefault(&c.CircuitDelay, defaultCircuitDelay)
	orDefault(&c.QueueWait, defaultQueueWait)
	orDefault(&c.SpeedMemory, defaultSpeedMemory)
	orDefault(&c.MaxAttempts, defaultMaxAttempts)
	orDefault(&c.AttemptsPerModel, defaultAttemptsPerModel)
	orDefault(&c.MaxConcurrent, defaultMaxConcurrent)
	orDefault(&c.AnswerTokens, defaultAnswerTokens)
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

func orDefault[T int | time.Duration](value *T, or T) {
	if *value <= 0 {
		*value = or
	}
}
