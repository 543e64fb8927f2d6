// Package embed is the contract between the router and whatever turns text
// into vectors. Implementations live below it: embed/static computes in
// process, embed/ollama asks an Ollama server. It does not decide anything
// and keeps no vectors.
package embed

import "context"

// Embedder turns texts into unit vectors.
//
// Queries (prompts to route) and documents (reference utterances) are told
// apart because some models want a different prefix for each. Both kinds of
// an implementation are safe for concurrent use, keep the order of texts, and
// give up when ctx ends. An empty list gives an empty Batch. Where some texts
// cannot be embedded and others can, the error is a *TextsError and the Batch
// holds the others: whoever goes on without some texts says which.
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
