package ollama

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/semroute/semroute/embed"
)

// call is one call of the embedder: many texts, sent in as many requests as
// the server's speed asks for.
type call struct {
	*Embedder
	inputs    []string // what is sent for each text
	documents bool
	batch     embed.Batch

	mu       sync.Mutex // protects what follows
	sent     int        // so many inputs are taken by a worker
	embedded int        // so many have a vector
	failed   []embed.FailedText
}

func (e *Embedder) newCall(prefix string, texts []string, documents bool) *call {
	c := &call{Embedder: e, inputs: make([]string, len(texts)), documents: documents}
	c.batch = embed.Batch{Vectors: make([][]float32, len(texts)), Truncated: make([]bool, len(texts))}
	for i, text := range texts {
		c.inputs[i], c.batch.Truncated[i] = e.input(prefix, text)
	}
	return c
}

// run embeds all texts. The error is a *embed.TextsError when it could not
// embed some of them.
func (c *call) run(ctx context.Context) error {
	if len(c.inputs) == 1 {
		if err := c.work(ctx); err != nil {
			return err
		}
	} else {
		group, groupCtx := errgroup.WithContext(ctx)
		for range min(c.config.Concurrency, len(c.inputs)) {
			group.Go(func() error { return c.work(groupCtx) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	if len(c.failed) == 0 {
		return nil
	}
	slices.SortFunc(c.failed, func(a, b embed.FailedText) int { return cmp.Compare(a.Index, b.Index) })
	return &embed.TextsError{Failed: c.failed}
}

// work takes texts until none are left. A panic is an error of the call: no
// handler of a server would catch it in a goroutine.
func (c *call) work(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", embed.ErrEmbed, p)
		}
	}()
	for {
		part := c.take(c.batchSize.next())
		if len(part) == 0 {
			return nil
		}
		if err := c.embed(ctx, part); err != nil {
			return err
		}
	}
}

// take gives the places of the next texts.
func (c *call) take(most int) []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var part []int
	for ; len(part) < most && c.sent < len(c.inputs); c.sent++ {
		part = append(part, c.sent)
	}
	return part
}

// embed asks for the texts at these places in one request, and finds another
// way where that fails.
func (c *call) embed(ctx context.Context, part []int) error {
	start := time.Now()
	err := c.ask(ctx, part, false)
	if err == nil {
		c.batchSize.took(len(part), time.Since(start))
		return nil
	}
	return c.otherwise(ctx, part, err)
}

// ask is one request for the texts at these places, which are to be read
// whole.
func (c *call) ask(ctx context.Context, part []int, alone bool) error {
	inputs := make([]string, len(part))
	for k, i := range part {
		inputs[k] = c.inputs[i]
	}
	vectors, err := c.request(ctx, inputs, false, alone)
	if err != nil {
		return err
	}
	for k, i := range part {
		c.batch.Vectors[i] = vectors[k]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.embedded += len(part)
	return nil
}

// otherwise embeds the texts of a request that failed.
func (c *call) otherwise(ctx context.Context, part []int, err error) error {
	switch cause := causeOf(err); {
	case ctx.Err() != nil || cause == server || cause == serverNotReady:
		return c.explain(ctx, err)
	case cause == slowness && len(c.inputs) == 1 && !c.documents:
		return c.explain(ctx, err) // a prompt cannot wait for the verdict
	case cause == slowness && len(part) > 1:
		c.batchSize.stalled()
		return c.inPieces(ctx, part)
	case cause == slowness:
		return c.suspect(ctx, part[0], err)
	case c.anyMayOverflow(part):
		return c.longApart(ctx, part, err)
	}
	return c.bisect(ctx, part, err)
}

// inPieces embeds texts whose request took too long: one, which shows whether
// the server makes any progress, then as many as it turns out to manage.
func (c *call) inPieces(ctx context.Context, part []int) error {
	for size := 1; len(part) > 0; size = min(c.batchSize.next(), len(part)) {
		if err := c.embed(ctx, part[:size]); err != nil {
			return err
		}
		part = part[size:]
	}
	return nil
}
