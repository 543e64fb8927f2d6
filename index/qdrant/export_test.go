package qdrant

import (
	"context"
	"time"
)

// Grace is how long what was removed stays.
const Grace = grace

// WithTexts holds the texts of at most n entries in process; -1 of none.
func (c Config) WithTexts(n int) Config {
	c.texts = n
	return c
}

// WithClock tells the time by now.
func (c Config) WithClock(now func() time.Time) Config {
	c.now = now
	return c
}

// Upkeep does what is done every five minutes; ago is when it was done last.
func (x *Index) Upkeep(ctx context.Context, ago time.Duration) error { return x.upkeep(ctx, ago) }
