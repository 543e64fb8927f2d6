// Package transformer is an embedder that runs encoders of the BERT family in
// process: MiniLM, bge, e5, gte, arctic, XLM-RoBERTa and others with absolute
// positions. It needs no service and no cgo, only the model's files.
//
// It promises unit vectors in the order of the texts, the same to the bit on
// every processor, alone or beside others; a fingerprint made of the converted
// model's digest and the prefixes; no allocations beyond its answers once it has
// seen texts of their length. Of a text that is longer than the model takes it
// reads the beginning and the end, and reports it as truncated. A model's files
// are converted once, to 8 bits, and kept in the cache folder.
package transformer

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unicode"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/transformer/modelfile"
	"github.com/semroute/semroute/internal/mapped"
)

// Config of an Embedder. Path or Compiled is required.
type Config struct {
	// Compiled is a converted model that is part of the program, in place of Path:
	// it is used where it lies, and its checksum is not looked at.
	Compiled []byte
	// Path is a folder as Hugging Face has it, a GGUF file, or "ollama:NAME" for a
	// model that Ollama has pulled.
	Path string
	// QueryPrefix and DocumentPrefix stand in front of every text; nil is what
	// the model wants before queries and documents alike, which is mostly nothing.
	QueryPrefix, DocumentPrefix *string
	// CacheDir is where converted models are kept; empty converts them every time.
	CacheDir string
}

// Embedder embeds in process. It is safe for concurrent use.
type Embedder struct {
	file        *modelfile.File
	memory      *mapped.Memory // holds the weights
	fingerprint string
	query       prefix
	document    prefix
	workers     int
	pool        sync.Pool // of *workspace
}

// prefix is a prefix as tokens. It is split into tokens by itself: texts are
// not joined to its last word.
type prefix struct{ ids []uint32 }

var (
	_ embed.Embedder       = (*Embedder)(nil)
	_ embed.SingleEmbedder = (*Embedder)(nil)
)

// newEmbedder makes an embedder of a converted model.
func newEmbedder(file *modelfile.File, memory *mapped.Memory, c Config) (*Embedder, error) {
	prompt := promptOf(file)
	query, document := orPrompt(c.QueryPrefix, prompt), orPrompt(c.DocumentPrefix, prompt)
	e := &Embedder{file: file, memory: memory, workers: runtime.GOMAXPROCS(0), pool: sync.Pool{New: func() any { return &workspace{} }}}
	for _, p := range []struct {
		to         *prefix
		name, text string
	}{{&e.query, "query", query}, {&e.document, "document", document}} {
		// White space at the end divides it from the text anyway, and would be a
		// token of its own to some tokenizers.
		p.to.ids = file.Tokenizer.Append(nil, strings.TrimRightFunc(p.text, unicode.IsSpace))
		if most := file.MaxTokens / 2; len(p.to.ids) > most {
			return nil, fmt.Errorf("transformer: the %s prefix has %d tokens; at most half of the model's %d may be prefix", p.name, len(p.to.ids), file.MaxTokens)
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", query, document))
	e.fingerprint = fmt.Sprintf("transformer:%s:%s:%x", file.Digest, file.Model.Pooling, sum[:8])
	return e, nil
}

// promptOf is what stands in front of prompts and utterances alike, which are the
// same kind of text: what a model wants before queries where it wants something
// before both, as e5 does. An instruction before queries alone, as bge knows one
// for search, moves prompts away from utterances.
func promptOf(file *modelfile.File) string {
	if file.DocumentPrompt == "" {
		return ""
	}
	return file.QueryPrompt
}

func orPrompt(set *string, prompt string) string {
	if set != nil {
		return *set
	}
	return prompt
}

// Dimension implements embed.Embedder.
func (e *Embedder) Dimension() int { return e.file.Model.Shape.Hidden }

// Fingerprint implements embed.Embedder.
func (e *Embedder) Fingerprint() string { return e.fingerprint }
