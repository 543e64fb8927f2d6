// Package distill turns any embedding model into a table for embed/static: it
// asks the model, the teacher, for the vector of every token of a vocabulary,
// learns from ordinary text how tokens add up to the teacher's vector of a
// whole sentence, reduces the dimension, and writes 8-bit rows.
//
// It promises the same table for the same teacher, vocabulary and text on the
// same kind of machine. Where the teacher runs and where the table is stored
// are left to the caller.
package distill

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/static"
)

// ErrConfig: a setting is out of range or missing.
var ErrConfig = errors.New("distill: bad setting")

// Defaults of Config.
const (
	DefaultDimension = 256
	DefaultBatch     = 64
	// DefaultSentences is how many Sentences the compiled-in table learnt
	// from; beyond about 100,000 nothing more was gained.
	DefaultSentences = 160_000
)

// Teacher is the model that is distilled; every embed.Embedder is one.
type Teacher interface {
	EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error)
	Dimension() int
	Fingerprint() string
}

// Config says what to distil.
type Config struct {
	// Provenance goes into the table; Run fills TeacherDigest in.
	Provenance static.Provenance
	// Pieces is the WordPiece vocabulary in the order of its ids, the most
	// frequent words first, as BERT's is.
	Pieces []string
	// Text is ordinary sentences to learn from, one an element, such as
	// Sentences makes; none: tokens are only weighted by their rank.
	Text []string
	// Dimension of the table, 1 to the teacher's; 0: DefaultDimension, or the
	// teacher's when that is smaller.
	Dimension int
	// Batch is how many texts the teacher is given at once; 0: DefaultBatch.
	Batch int
}

// Progress says how much of the teacher's work is done.
type Progress struct {
	Stage       string // "tokens" or "text"
	Done, Total int
}

// Run distils and gives the bytes of the table; static.ParseTable reads them.
// progress, which may be nil, is called after every batch.
func Run(ctx context.Context, teacher Teacher, config Config, progress func(Progress)) ([]byte, error) {
	config, err := config.withDefaults(teacher)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	lesson := lesson{teacher: teacher, batch: config.Batch, progress: progress}
	entries := entriesOf(config.Pieces)
	tokens, err := lesson.tokens(ctx, entries)
	if err != nil {
		return nil, err
	}
	weigh(tokens, entries)
	vectors, pairs := tokens, pairList{}
	if len(config.Text) > 0 {
		if vectors, pairs, err = learn(ctx, lesson, config, tokens); err != nil {
			return nil, err
		}
	}
	return build(config, vectors, pairs)
}

func (c Config) withDefaults(teacher Teacher) (Config, error) {
	if c.Dimension == 0 {
		c.Dimension = min(DefaultDimension, teacher.Dimension())
	}
	if c.Batch == 0 {
		c.Batch = DefaultBatch
	}
	switch {
	case c.Dimension < 1 || c.Dimension > teacher.Dimension():
		return c, fmt.Errorf("%w: dimension: %d is not in 1 to %d, the teacher's", ErrConfig, c.Dimension, teacher.Dimension())
	case c.Batch < 1 || c.Batch > 1024:
		return c, fmt.Errorf("%w: batch: %d is not in 1 to 1024", ErrConfig, c.Batch)
	}
	if _, err := static.NewTokenizer(c.Pieces); err != nil {
		return c, fmt.Errorf("%w: vocabulary: %w", ErrConfig, err)
	}
	c.Provenance.TeacherDigest = teacher.Fingerprint()
	return c, nil
}
