package store

import (
	"fmt"
	"time"

	"github.com/rs/zerolog"
)

// Defaults of Config, and the longest FlushEvery.
const (
	defaultFlushEvery = 50 * time.Millisecond
	defaultQueue      = 1 << 16
	defaultQueueBytes = 64 << 20
	defaultPruneEvery = time.Minute
	maxFlushEvery     = 200 * time.Millisecond
)

// Config says how records are kept; a field that is 0 has its default.
type Config struct {
	// Prompts says what is stored of a prompt; "" is NoPrompts.
	Prompts Prompts
	// FlushEvery (50 ms) is how often records are written, at most 200 ms.
	FlushEvery time.Duration
	// Queue (65536) is how many records wait for the disk before they are lost,
	// QueueBytes (64 MiB) how much memory those take.
	Queue      int
	QueueBytes int64
	// MaxAge and MaxBytes bound what is kept; 0 means no bound. The oldest
	// records go first. PruneEvery (1 min) is how often that is looked after.
	MaxAge     time.Duration
	MaxBytes   int64
	PruneEvery time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Log is told what an operator must know; the zero Logger is silent.
	Log zerolog.Logger
}

// WithDefaults is the configuration with its defaults, or an ErrConfig.
func (c Config) WithDefaults() (Config, error) {
	if c.Prompts == "" {
		c.Prompts = NoPrompts
	}
	if !c.Prompts.known() {
		return c, fmt.Errorf("%w: prompts must be none, hash, redact or full, not %q", ErrConfig, c.Prompts)
	}
	if c.FlushEvery <= 0 {
		c.FlushEvery = defaultFlushEvery
	}
	c.FlushEvery = min(c.FlushEvery, maxFlushEvery)
	if c.Queue <= 0 {
		c.Queue = defaultQueue
	}
	if c.QueueBytes <= 0 {
		c.QueueBytes = defaultQueueBytes
	}
	if c.PruneEvery <= 0 {
		c.PruneEvery = defaultPruneEvery
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}
