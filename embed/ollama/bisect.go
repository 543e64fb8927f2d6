package ollama

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/embed"
)

const (
	// restartPause is what the server gets to start another runner of the model.
	restartPause = 500 * time.Millisecond
	// hopeless is how many texts of a call have to fail, and none to succeed,
	// before the others are not tried.
	hopeless = 8
)

// errSlowText: a text is not embedded in time although others are.
var errSlowText = errors.New("no vector in time, although the server embeds others")

// bisect finds those texts of a refused request that cannot be embedded, by
// halving, and embeds the others. A runner that died may have died of somebody
// else's request, so the texts are asked for again before any is suspected.
func (c *call) bisect(ctx context.Context, part []int, why error) error {
	if causeOf(why) == runnerDied {
		if err := pause(ctx, restartPause); err != nil {
			return c.explain(ctx, err)
		}
		if why = c.ask(ctx, part, true); why == nil {
			return nil
		}
		if causeOf(why) != texts && causeOf(why) != runnerDied {
			return c.otherwise(ctx, part, why)
		}
	}
	return c.halve(ctx, part, why)
}

func (c *call) halve(ctx context.Context, part []int, why error) error {
	if len(part) == 1 {
		return c.suspect(ctx, part[0], why)
	}
	alone := causeOf(why) == runnerDied
	for _, half := range [][]int{part[:len(part)/2], part[len(part)/2:]} {
		err := c.ask(ctx, half, alone)
		switch causeOf(err) {
		case nothing:
		case texts, runnerDied:
			err = c.halve(ctx, half, err)
		default:
			err = c.otherwise(ctx, half, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// suspect decides about a text that failed alone. It is at fault only if it
// fails as long as nobody else can have caused it, and a harmless text does
// not fail; otherwise the server is.
func (c *call) suspect(ctx context.Context, i int, why error) error {
	if causeOf(why) == runnerDied {
		if err := pause(ctx, restartPause); err != nil {
			return c.explain(ctx, err)
		}
		if err := c.ask(ctx, []int{i}, true); err == nil || causeOf(err) == server {
			return c.explain(ctx, err)
		}
	}
	if ctx.Err() != nil {
		return c.explain(ctx, why)
	}
	if _, err := c.request(ctx, []string{probeText}, false, true); err != nil {
		return c.explain(ctx, why)
	}
	reason := c.explain(ctx, why)
	if causeOf(why) == slowness {
		reason = fmt.Errorf("%w: %w: %s", embed.ErrEmbed, errSlowText, c.config.Timeout)
	}
	return c.fail(i, reason)
}

// fail notes that a text cannot be embedded. Where that is so for text after
// text, the server is no good for this model, and nobody waits for the rest.
func (c *call) fail(i int, why error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = append(c.failed, embed.FailedText{Index: i, Err: why})
	if len(c.failed) == hopeless && c.embedded == 0 {
		return fmt.Errorf("%w; so were all %d texts tried so far", why, hopeless)
	}
	return nil
}
