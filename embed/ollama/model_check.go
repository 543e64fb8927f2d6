package ollama

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/semroute/semroute/embed"
)

// modelCheck remembers which model the name stood for when somebody last
// looked, and lets all who want to know at the same time share one look.
type modelCheck struct {
	shared singleflight.Group

	mu     sync.Mutex // protects what follows
	digest string
	at     time.Time
}

// saw notes the model's digest.
func (c *modelCheck) saw(digest string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.digest, c.at = digest, time.Now()
}

// fresh is the digest, if it was seen less than maxAge ago.
func (c *modelCheck) fresh(maxAge time.Duration) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.digest, time.Since(c.at) < maxAge
}

// checkModel makes sure that the name still stands for the model that the
// embedder was opened with, as it was seen within maxAge.
func (e *Embedder) checkModel(ctx context.Context, maxAge time.Duration) error {
	digest, ok := e.check.fresh(maxAge)
	if !ok {
		var err error
		if digest, err = e.look(ctx); err != nil {
			return err
		}
	}
	if digest != e.opened {
		return fmt.Errorf("%w: %s was %.12s and is %.12s now: reload so that the utterances are embedded again",
			embed.ErrModelChanged, e.config.Model, e.opened, digest)
	}
	return nil
}

// look asks the server once for all who ask at the same time. The request
// belongs to none of them: each waits no longer than its own ctx, and one that
// leaves takes nobody along.
func (e *Embedder) look(ctx context.Context) (string, error) {
	answer := e.check.shared.DoChan("", func() (any, error) {
		digest, err := e.digest(context.WithoutCancel(ctx))
		if err == nil {
			e.check.saw(digest)
		}
		return digest, err
	})
	select {
	case <-ctx.Done():
		return "", fmt.Errorf("ollama embedding: %w", ctx.Err())
	case a := <-answer:
		digest, _ := a.Val.(string)
		return digest, a.Err
	}
}
