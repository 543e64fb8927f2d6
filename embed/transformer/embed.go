package transformer

import (
	"context"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/transformer/encoder"
)

// passTokens is how many tokens go through the layers at once: enough for the
// matrix products, few enough for what lies between them to stay in the cache.
const passTokens = 256

// workspace is the memory of a pass.
type workspace struct {
	texts   encoder.Texts
	encoder encoder.Workspace
	ids     []uint32 // of a text that may have to be cut
}

// EmbedQueries implements embed.Embedder.
func (e *Embedder) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	return e.embed(ctx, &e.query, texts)
}

// EmbedDocuments implements embed.Embedder.
func (e *Embedder) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	return e.embed(ctx, &e.document, texts)
}

// EmbedQuery implements embed.SingleEmbedder. It allocates nothing when room has
// the capacity of a vector.
func (e *Embedder) EmbedQuery(ctx context.Context, text string, room *[]float32) (embed.Embedded, error) {
	if err := ctx.Err(); err != nil {
		return embed.Embedded{}, fmt.Errorf("transformer embedding: %w", err)
	}
	w := e.workspace()
	defer e.pool.Put(w)
	truncated := e.tokenize(w, &e.query, text)
	if cap(*room) < e.Dimension() {
		*room = make([]float32, e.Dimension())
	}
	*room = (*room)[:e.Dimension()]
	if err := e.pass(ctx, *room, w); err != nil {
		return embed.Embedded{}, err
	}
	return embed.Embedded{Vector: *room, Truncated: truncated}, nil
}

func (e *Embedder) workspace() *workspace {
	w, _ := e.pool.Get().(*workspace)
	w.texts.Reset()
	return w
}

// pass takes the texts of w through the layers.
func (e *Embedder) pass(ctx context.Context, dst []float32, w *workspace) error {
	err := e.file.Model.Encode(ctx, dst, &w.texts, &w.encoder)
	e.memory.Keep()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("transformer embedding: %w", err)
	}
	return fmt.Errorf("%w: %w", embed.ErrEmbed, err)
}

// embed embeds texts, several in a pass, on as many processors as there are.
func (e *Embedder) embed(ctx context.Context, prefix *prefix, texts []string) (embed.Batch, error) {
	if err := ctx.Err(); err != nil {
		return embed.Batch{}, fmt.Errorf("transformer embedding: %w", err)
	}
	job := &job{e: e, prefix: prefix, texts: texts, all: make([]float32, len(texts)*e.Dimension()), truncated: make([]bool, len(texts))}
	group, ctx := errgroup.WithContext(ctx)
	for range min(e.workers, (len(texts)+textsOfTurn-1)/textsOfTurn) {
		group.Go(func() error { return job.work(ctx) })
	}
	if err := group.Wait(); err != nil {
		return embed.Batch{}, err
	}
	batch := embed.Batch{Vectors: make([][]float32, len(texts)), Truncated: job.truncated}
	for i := range texts {
		batch.Vectors[i] = job.vectors(i, i+1)
	}
	return batch, nil
}

// textsOfTurn is how many texts a worker takes at a time.
const textsOfTurn = 16

// job is a list of texts that workers share.
type job struct {
	e         *Embedder
	prefix    *prefix
	texts     []string
	taken     atomic.Int64 // how many texts workers have taken
	all       []float32
	truncated []bool
}

func (j *job) vectors(from, to int) []float32 {
	size := j.e.Dimension()
	return j.all[from*size : to*size : to*size]
}

// work embeds turns until all are taken. A panic is an error of the call: no
// handler of a server would catch it in a goroutine.
func (j *job) work(ctx context.Context) (err error) {
	w := j.e.workspace()
	defer func() {
		if p := recover(); p != nil { // nobody knows what w holds now
			err = fmt.Errorf("%w: panic: %v", embed.ErrEmbed, p)
			return
		}
		j.e.pool.Put(w)
	}()
	for {
		to := int(j.taken.Add(textsOfTurn))
		from := to - textsOfTurn
		if from >= len(j.texts) {
			return nil
		}
		if err := j.turn(ctx, w, from, min(to, len(j.texts))); err != nil {
			return err
		}
	}
}

// turn embeds some texts, in as many passes as their tokens need.
func (j *job) turn(ctx context.Context, w *workspace, from, to int) error {
	first := from // of the pass
	w.texts.Reset()
	for i := from; i < to; i++ {
		j.truncated[i] = j.e.tokenize(w, j.prefix, j.texts[i])
		if len(w.texts.IDs) < passTokens && i+1 < to {
			continue
		}
		if err := j.e.pass(ctx, j.vectors(first, i+1), w); err != nil {
			return err
		}
		first = i + 1
		w.texts.Reset()
	}
	return nil
}
