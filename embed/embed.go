// Package embed is the contract between the router and whatever turns text
// into vectors. Implementations live below it: embed/static computes in
// process, embed/ollama asks an Ollama server. It does not decide anything
// and keeps no vectors.
package embed

import (
	"context"
	"errors"
)

// Embedder turns texts into unit vectors.
//
// Queries (prompts to route) and documents (reference utterances) are told
// apart because some models want a different prefix for each. Both kinds of
// an implementation are safe for concurrent use, keep the order of texts, and
// give up when ctx ends. An empty list gives an empty Batch.
type Embedder interface {
	// EmbedQueries embeds prompts that are to be routed.
	EmbedQueries(ctx context.Context, texts []string) (Batch, error)
	// EmbedDocuments embeds reference utterances.
	EmbedDocuments(ctx context.Context, texts []string) (Batch, error)
	// Dimension is the length of every vector.
	Dimension() int
	// Fingerprint identifies everything that can change a vector: the kind of
	// embedder, the model's content digest and the prefixes. Vectors of two
	// fingerprints must never be compared.
	Fingerprint() string
}

// SingleEmbedder is an Embedder that also embeds one prompt without the lists
// that a batch needs: most calls bring one. Implementing it is optional.
type SingleEmbedder interface {
	Embedder
	// EmbedQuery embeds one text. The vector may lie in *room, which is grown as
	// needed, or be shared: it is to be read only, and good until room is used
	// again.
	EmbedQuery(ctx context.Context, text string, room *[]float32) (Embedded, error)
}

// Errors that every implementation wraps where they apply.
var (
	// ErrModelMissing: the server does not have the model; the text says how
	// to get it.
	ErrModelMissing = errors.New("embedding model is missing")
	// ErrUnreachable: the embedding server does not answer; the text names its
	// address.
	ErrUnreachable = errors.New("embedding server is unreachable")
	// ErrModelChanged: the model behind the name is no longer the one that
	// this embedder was opened with, so its vectors no longer fit the index.
	ErrModelChanged = errors.New("embedding model has changed")
	// ErrEmbed: the server answered, but not with usable vectors.
	ErrEmbed = errors.New("embedding failed")
)
