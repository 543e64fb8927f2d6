// Package static is an embedder that needs nothing: no network, no model file,
// no cgo. A text's vector is the sum of 8-bit vectors of its tokens and of
// frequent pairs of neighbours, each with its weight, normalised. The vectors
// come from a teacher model by `semroute distill`; one table is compiled in.
//
// It promises unit vectors, the same on every machine to float precision, in
// microseconds. It does not see word order beyond pairs, and knows only what
// its table knows: a text without any known token gets the vector of [UNK],
// always the same one, which says nothing about the text.
package static

import (
	"context"
	_ "embed" // the compiled-in table
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/internal/vec"
)

//go:embed table/minilm.srt
var compiledTable []byte

const (
	// MaxTokens is how many tokens of a text are read, and maxBytes how many
	// bytes: of a longer one its two ends, half of each, and the text is reported
	// as truncated.
	MaxTokens = 512
	maxBytes  = 16 << 10
)

// Config of an Embedder; the zero value is the compiled-in table.
type Config struct {
	Table *Table // nil: the compiled-in one
}

// Embedder embeds in process. It is safe for concurrent use.
type Embedder struct {
	table *Table
	pool  sync.Pool // of *scratch
}

// scratch is the working memory of one text. It would fit on a stack, but
// servers have a stack for every call, and memory that the call before has used
// is in the processor's cache.
type scratch struct {
	scanner scanner
	word    [maxWordRunes]uint32
	tokens  [MaxTokens]uint32
}

var _ embed.Embedder = (*Embedder)(nil)

// New makes an embedder over a table.
func New(config Config) (*Embedder, error) {
	table := config.Table
	if table == nil {
		var err error
		if table, err = parseTrusted(compiledTable); err != nil {
			return nil, fmt.Errorf("compiled-in table: %w", err)
		}
	}
	return &Embedder{table: table, pool: sync.Pool{New: func() any { return &scratch{} }}}, nil
}

// Table is the table of the embedder.
func (e *Embedder) Table() *Table { return e.table }

// Tokenizer is the tokenizer of the embedder's table.
func (e *Embedder) Tokenizer() *Tokenizer { return e.table.Tokenizer() }

// Dimension implements embed.Embedder.
func (e *Embedder) Dimension() int { return e.table.dimension }

// Fingerprint implements embed.Embedder: the SHA-256 of the table.
func (e *Embedder) Fingerprint() string { return "static:" + e.table.fingerprint }

// EmbedQueries implements embed.Embedder. Queries and documents are the same.
func (e *Embedder) EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error) {
	return e.embed(ctx, texts)
}

// EmbedQuery implements router.SingleEmbedder. It allocates nothing when room
// has the capacity of a vector.
func (e *Embedder) EmbedQuery(ctx context.Context, text string, room *[]float32) (embed.Embedded, error) {
	if err := ctx.Err(); err != nil {
		return embed.Embedded{}, fmt.Errorf("static embedding: %w", err)
	}
	vector, truncated := e.AppendQuery((*room)[:0], text)
	*room = vector
	return embed.Embedded{Vector: vector, Truncated: truncated}, nil
}

// EmbedDocuments implements embed.Embedder. Queries and documents are the same.
func (e *Embedder) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	return e.embed(ctx, texts)
}

func (e *Embedder) embed(ctx context.Context, texts []string) (embed.Batch, error) {
	size := e.table.dimension
	all := make([]float32, 0, len(texts)*size) // one allocation for all vectors
	batch := embed.Batch{Vectors: make([][]float32, len(texts)), Truncated: make([]bool, len(texts))}
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return embed.Batch{}, fmt.Errorf("static embedding: %w", err)
		}
		all, batch.Truncated[i] = e.AppendQuery(all, text)
		batch.Vectors[i] = all[i*size : (i+1)*size : (i+1)*size]
	}
	return batch, nil
}

// AppendQuery appends the unit vector of text to dst. It allocates nothing
// when dst has room for Dimension more elements. truncated says that not all
// of text was read.
func (e *Embedder) AppendQuery(dst []float32, text string) (vector []float32, truncated bool) {
	sc, _ := e.pool.Get().(*scratch)
	tokens, truncated := e.table.tokens(sc, text)
	start := len(dst)
	dst = grow(dst, e.table.dimension)
	sum := dst[start:]
	e.table.sum(sum, tokens)
	if !vec.Normalize(sum) {
		clear(sum)
		e.table.add(sum, int(e.table.vocab.unknown))
		vec.Normalize(sum)
	}
	e.pool.Put(sc)
	return dst, truncated
}

// tokens are the tokens of text, or those of its two ends where sc has no room
// for all, good until sc's next use. cut says that some are left out.
func (t *Table) tokens(sc *scratch, text string) (tokens []uint32, cut bool) {
	head, tail := text, ""
	if len(text) > maxBytes {
		head, tail = text[:runeStart(text, maxBytes/2)], text[runeStart(text, len(text)-maxBytes/2):]
		cut = true
	}
	n, full := t.fill(sc, head, 0, 0)
	if cut || full {
		if !cut {
			tail = text
		}
		n = min(n, MaxTokens/2)
		n, _ = t.fill(sc, tail, n, n)
	}
	return sc.tokens[:n], cut || full
}

// fill adds the tokens of text to the n that sc holds. When there is no room it
// stops and says so; with ring below n and above 0, later tokens push out the
// first of those behind ring.
func (t *Table) fill(sc *scratch, text string, n, ring int) (filled int, full bool) {
	at := n // where the next goes once the ring is closed
	s := &sc.scanner
	s.reset(text)
	for s.next() {
		for _, piece := range t.vocab.appendWord(sc.word[:0], s) {
			switch {
			case n < len(sc.tokens):
				sc.tokens[n] = piece
				n++
				continue
			case ring == 0:
				s.reset("")
				return n, true
			}
			full = true
			sc.tokens[at] = piece
			if at++; at == len(sc.tokens) {
				at = ring
			}
		}
	}
	s.reset("") // holds on to nothing
	if full {
		rotate(sc.tokens[ring:], at-ring)
	}
	return n, full
}

// rotate moves the element at first to the front.
func rotate(list []uint32, first int) {
	slices.Reverse(list[:first])
	slices.Reverse(list[first:])
	slices.Reverse(list)
}

// sum adds up the vectors of tokens and of known pairs of neighbours. [UNK]
// adds nothing: an unknown word says nothing about the text.
func (t *Table) sum(dst []float32, tokens []uint32) {
	unknown := t.vocab.unknown
	previous := unknown
	for _, id := range tokens {
		if id != unknown {
			t.add(dst, int(id))
			if pair, ok := t.pairs.find(previous, id); ok {
				t.add(dst, pair)
			}
		}
		previous = id
	}
}

func (t *Table) add(dst []float32, entry int) {
	if row, scale, ok := t.entry(entry); ok {
		vec.AddScaledInt8(dst, row, scale)
	}
}

// grow lengthens dst by size zeros.
func grow(dst []float32, size int) []float32 {
	if cap(dst)-len(dst) < size {
		return append(dst, make([]float32, size)...)
	}
	start := len(dst)
	dst = dst[:start+size]
	clear(dst[start:])
	return dst
}

// runeStart is the last start of a character at or before at.
func runeStart(text string, at int) int {
	for i := at; i > max(0, at-utf8.UTFMax); i-- {
		if utf8.RuneStart(text[i]) {
			return i
		}
	}
	return at
}
