package router

import (
	"context"
	"errors"
	"slices"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
)

// Embedder turns prompts into unit vectors; embed.Embedder is one.
type Embedder interface {
	EmbedQueries(ctx context.Context, texts []string) (embed.Batch, error)
	Fingerprint() string
}

// SingleEmbedder is an Embedder that also embeds one prompt without the lists
// that a batch needs: most calls bring one.
type SingleEmbedder interface {
	Embedder
	// EmbedQuery embeds one text. The vector may lie in *room, which is grown as
	// needed, or be shared: it is to be read only, and good until room is used
	// again.
	EmbedQuery(ctx context.Context, text string, room *[]float32) (embed.Embedded, error)
}

// Searcher finds the utterances nearest to a vector; index.Index is one.
type Searcher interface {
	Search(ctx context.Context, q index.Query) ([]Match, error)
}

// Ranker scores one embedded prompt. It is the one place where scores are
// made; implementations are safe for concurrent use.
type Ranker interface {
	// Rank looks at the prompt's text and vector, searches for neighbours where
	// it wants them, and returns the routes it considered, best first.
	Rank(ctx context.Context, text string, vector []float32, in Searcher, limits Limits) (Ranking, error)
	// Defaults are the bounds used where neither the catalog nor `fit` sets any.
	Defaults() Bounds
	// Fingerprint identifies everything of the ranker that can change a decision.
	Fingerprint() string
}

// None asks for no candidates or matches at all.
const None = -1

// Limits say how much of a ranking is wanted and which routes may win. For
// Candidates and Matches, 0 means the default and None means none.
type Limits struct {
	Candidates int
	Matches    int
	// Only restricts the candidates; nil means all routes.
	Only []string
}

// Ranking is what a Ranker found.
type Ranking struct {
	// Candidates are the leading routes with calibrated probabilities, best
	// first; at least two where the catalog has two.
	Candidates []Candidate
	// Matches are the nearest utterances, best first.
	Matches []Match
	// Nearest is the similarity of the nearest utterance that was looked at.
	Nearest float64
	// Known is the probability that the prompt belongs to any route at all.
	Known float64
	// NearestNone is the similarity of the nearest example that fits no route, -1
	// without any.
	NearestNone float64
	// SearchMicros is the share of the time that the search took.
	SearchMicros uint32
}

// lead is the probability of the leading candidate, and how far it is ahead.
func (r *Ranking) lead() (top, margin float64) {
	switch len(r.Candidates) {
	case 0:
		return 0, 0
	case 1:
		return r.Candidates[0].Probability, r.Candidates[0].Probability
	}
	return r.Candidates[0].Probability, r.Candidates[0].Probability - r.Candidates[1].Probability
}

// foreignTrust is what remains of a probability where the embedder does not
// know the prompt's language: about a third of such prompts lead right.
const foreignTrust = 0.3

// doubt says that nothing is known of the prompt. Candidates may be remembered
// elsewhere, so they are copied.
func (r *Ranking) doubt() {
	r.Known, r.Candidates = 0, slices.Clone(r.Candidates)
	for i := range r.Candidates {
		r.Candidates[i].Probability *= foreignTrust
	}
}

// Space is one way to score a prompt: vectors, their neighbours and a ranker
// trained on them.
type Space struct {
	Embedder Embedder
	Index    Searcher
	// Copy is searched where Index fails and decisions may be degraded; nil for none.
	Copy   Searcher
	Ranker Ranker
	// Speaks are the languages beside the catalog's that the embedder has shown
	// to know: a prompt in another one is far from every utterance, whatever its
	// vector says.
	Speaks map[string]bool

	mark *mark // its own in every generation
}

// Errors of a decision. The cause is wrapped beside them.
var (
	// ErrNotReady: no generation has been built yet.
	ErrNotReady = errors.New("the router has no generation yet")
	// ErrEmbedder: the prompt could not be embedded.
	ErrEmbedder = errors.New("the embedder failed")
	// ErrIndex: the neighbours could not be searched.
	ErrIndex = errors.New("the index failed")
)
