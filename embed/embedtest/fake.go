// Package embedtest helps to test what uses an embedder, and embedders
// themselves: Fake is a deterministic embedder without any model, Run is the
// suite that every implementation of embed.Embedder passes.
package embedtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/internal/vec"
)

// Config of a Fake; the zero value is 64 dimensions and no limits.
type Config struct {
	Dimension   int           // 0: 64
	Fingerprint string        // "": "fake:1"
	Delay       time.Duration // how long each call takes
	// MaxBytes cuts longer texts and reports them as truncated; 0: no limit.
	MaxBytes int
	// Refuse names the texts that cannot be embedded; nil: none.
	Refuse func(text string) bool
}

// Fake gives every word a fixed random direction and sums them, so texts that
// share words are near each other and equal texts have equal vectors. It
// counts what it is asked, and can be told to fail or to hang. It is safe for concurrent
// use.
type Fake struct {
	config      Config
	fingerprint atomic.Pointer[string]
	failure     atomic.Pointer[error]
	hangs       atomic.Bool
	calls       atomic.Int64
	texts       atomic.Int64
}

var _ embed.Embedder = (*Fake)(nil)

var errRefused = errors.New("this text kills the model")

// New makes a Fake.
func New(config Config) (*Fake, error) {
	if config.Dimension < 0 || config.MaxBytes < 0 || config.Delay < 0 {
		return nil, errors.New("embedtest: a negative setting")
	}
	if config.Dimension == 0 {
		config.Dimension = 64
	}
	if config.Fingerprint == "" {
		config.Fingerprint = "fake:1"
	}
	f := &Fake{config: config}
	f.SetFingerprint(config.Fingerprint)
	return f, nil
}

// EmbedQueries implements embed.Embedder.
func (f *Fake) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	return f.embed(ctx, texts)
}

// EmbedDocuments implements embed.Embedder with the vectors of EmbedQueries.
func (f *Fake) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	return f.embed(ctx, texts)
}

// Dimension implements embed.Embedder.
func (f *Fake) Dimension() int { return f.config.Dimension }

// Fingerprint implements embed.Embedder.
func (f *Fake) Fingerprint() string { return *f.fingerprint.Load() }

// SetFingerprint makes it another model: vectors change with the fingerprint.
func (f *Fake) SetFingerprint(fingerprint string) { f.fingerprint.Store(&fingerprint) }

// Fail makes every following call return err; nil ends that.
func (f *Fake) Fail(err error) { f.failure.Store(&err) }

// Hang makes every following call wait for the end of its context; false ends
// that.
func (f *Fake) Hang(hangs bool) { f.hangs.Store(hangs) }

// Calls is how many calls were made, with empty lists and failures.
func (f *Fake) Calls() int { return int(f.calls.Load()) }

// Texts is how many texts were embedded.
func (f *Fake) Texts() int { return int(f.texts.Load()) }

func (f *Fake) embed(ctx context.Context, texts []string) (embed.Batch, error) {
	f.calls.Add(1)
	if f.hangs.Load() {
		<-ctx.Done()
	}
	if err := wait(ctx, f.config.Delay); err != nil {
		return embed.Batch{}, fmt.Errorf("fake embedder: %w", err)
	}
	if err := f.failure.Load(); err != nil && *err != nil {
		return embed.Batch{}, fmt.Errorf("fake embedder: %w", *err)
	}
	batch := embed.Batch{Vectors: make([][]float32, len(texts)), Truncated: make([]bool, len(texts))}
	var some embed.TextsError
	for i, text := range texts {
		if f.config.Refuse != nil && f.config.Refuse(text) {
			some.Failed = append(some.Failed, embed.FailedText{Index: i, Err: errRefused})
			continue
		}
		if limit := f.config.MaxBytes; limit > 0 && len(text) > limit {
			text, batch.Truncated[i] = text[:limit], true
		}
		batch.Vectors[i] = f.vector(text)
	}
	f.texts.Add(int64(len(texts) - len(some.Failed)))
	if len(some.Failed) > 0 {
		return batch, &some
	}
	return batch, nil
}

func (f *Fake) vector(text string) []float32 {
	sum := make([]float32, f.config.Dimension)
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		words = []string{""}
	}
	for _, word := range words {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(f.Fingerprint() + "\x00" + word))
		random := rand.New(rand.NewPCG(hash.Sum64(), 1))
		for i := range sum {
			sum[i] += float32(random.NormFloat64())
		}
	}
	vec.Normalize(sum)
	return sum
}

func wait(ctx context.Context, delay time.Duration) error {
	if delay == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
