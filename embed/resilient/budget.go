package resilient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/embed"
)

const (
	// keptShare is the part of the time left that is kept: a quarter.
	keptShare = 4
	// keptLeast is kept at least, as long as it is no more than half.
	keptLeast = 20 * time.Millisecond
)

// Budget is an embedder whose queries take no more than their share of the
// caller's deadline: a quarter of the time left, and at least 20 ms or half,
// is kept for what the caller does when no vector comes. A call without a
// deadline has no budget.
type Budget struct{ embed.Embedder }

var _ embed.SingleEmbedder = Budget{}

// EmbedQueries implements embed.Embedder. A budget that is used up is an
// embed.ErrUnreachable and no context.DeadlineExceeded, which would mean the
// caller's own.
func (b Budget) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	inner, cancel, budget := within(ctx)
	defer cancel()
	batch, err := b.Embedder.EmbedQueries(inner, texts)
	return batch, usedUp(ctx, inner, budget, err)
}

// EmbedQuery implements embed.SingleEmbedder, as well as the embedder can.
func (b Budget) EmbedQuery(ctx context.Context, text string, room *[]float32) (embed.Embedded, error) {
	single, ok := b.Embedder.(embed.SingleEmbedder)
	if !ok {
		batch, err := b.EmbedQueries(ctx, []string{text})
		if err != nil {
			return embed.Embedded{}, err
		}
		return batch.At(0), nil
	}
	inner, cancel, budget := within(ctx)
	defer cancel()
	embedded, err := single.EmbedQuery(inner, text, room)
	return embedded, usedUp(ctx, inner, budget, err)
}

// within is ctx with the budget for its deadline.
func within(ctx context.Context) (context.Context, context.CancelFunc, time.Duration) {
	deadline, ok := ctx.Deadline()
	left := time.Until(deadline)
	if !ok || left <= 0 {
		return ctx, func() {}, 0
	}
	kept := min(max(left/keptShare, keptLeast), left/2)
	inner, cancel := context.WithDeadline(ctx, deadline.Add(-kept))
	return inner, cancel, left - kept
}

// usedUp tells the end of the budget from that of the caller's deadline.
func usedUp(ctx, inner context.Context, budget time.Duration, err error) error {
	if err == nil || inner.Err() == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: no vector within %s, the embedder's share of the call's deadline", embed.ErrUnreachable, budget.Round(time.Millisecond))
}
