package engine

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Inventory is what the generation in place was made of, to learn from. It stays
// good when another generation takes its place; it is to be read only.
type Inventory struct {
	Catalog     *routes.Catalog
	Fingerprint string
	// Embedder is the one of the semantic stage.
	Embedder embed.Embedder
	// Fitted is the fit that is in force; nil for none.
	Fitted *routes.Fitted
	// Routes are the names of the routes by the numbers that HeldOut uses.
	Routes []string
	// Entries are the utterances with their vectors; nil unless they were asked
	// for.
	Entries []index.Entry
	// HeldOut are decisions on Entries, by place, of models that had not seen
	// them; nil with Entries.
	HeldOut []classify.Prediction
}

// Inventory gives what the generation in place was made of, with its vectors
// where they are wanted. It waits for a build that is under way. It fails with
// router.ErrNotReady, the error of the index or of ctx.
func (e *Engine) Inventory(ctx context.Context, vectors bool) (Inventory, error) {
	e.building.Lock()
	defer e.building.Unlock()
	if err := ctx.Err(); err != nil {
		return Inventory{}, err
	}
	now := e.current
	if now == nil {
		return Inventory{}, router.ErrNotReady
	}
	i := Inventory{Catalog: now.Generation.Catalog(), Fingerprint: now.Generation.Fingerprint(), Embedder: now.Embedder}
	held, names := now.HeldOut()
	i.Routes = names
	if f := i.Catalog.Fitted; f != nil && f.Embedder == now.Embedder.Fingerprint() {
		i.Fitted = f
	}
	if !vectors {
		return i, nil
	}
	var err error
	if i.Entries, err = now.Entries(ctx); err != nil {
		return Inventory{}, fmt.Errorf("reading the vectors of utterances: %w", err)
	}
	for _, p := range held {
		if at := int(p.Example); p.Label != classify.None && at < len(i.Entries) && i.Entries[at].Route == names[p.Label] {
			i.HeldOut = append(i.HeldOut, p)
		}
	}
	return i, nil
}

// HeldOut is what a model that had not seen an utterance says of it.
type HeldOut struct {
	Route string
	// Probability of Route, in [0, 1], and how far it is ahead of the second.
	Probability, Margin float64
}

// HeldOutByEntry is HeldOut for each of Entries, with names. An utterance of which
// nothing is known is taken to agree with its route.
func (i *Inventory) HeldOutByEntry() []HeldOut {
	held := make([]HeldOut, len(i.Entries))
	for k := range i.Entries {
		held[k] = HeldOut{Route: i.Entries[k].Route}
	}
	for _, p := range i.HeldOut {
		if p.Route != classify.None {
			held[p.Example] = HeldOut{Route: i.Routes[p.Route], Probability: float64(p.Confidence), Margin: float64(p.Margin)}
		}
	}
	return held
}
