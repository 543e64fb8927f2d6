package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Assembly is a generation with the parts that it holds open.
type Assembly struct {
	Generation *router.Generation
	Embedder   embed.Embedder
	Index      index.Index
	// Synced says what had to be embedded.
	Synced Synced

	parts     router.Parts // of the generation
	tokenizer *static.Tokenizer
	semantic  *space
	static    *space        // nil without a static stage
	order     *policy.Order // of the catalog's models
	begun     time.Time
	placed    []*router.Generation // that were in place and stand on these parts
}

// Build opens the parts and builds a complete generation.
func Build(ctx context.Context, catalog *routes.Catalog, c Config) (*Assembly, error) {
	embedder, err := OpenEmbedder(ctx, c.Embedder)
	if err != nil {
		return nil, err
	}
	return BuildWith(ctx, catalog, c, embedder)
}

// BuildWith is Build with an embedder that is already open.
func BuildWith(ctx context.Context, catalog *routes.Catalog, c Config, embedder embed.Embedder) (*Assembly, error) {
	if f := catalog.Fitted; f != nil && f.Embedder != embedder.Fingerprint() {
		c.Log.Warn().Str("fitted_embedder", f.Embedder).Str("embedder", embedder.Fingerprint()).
			Msg("the catalog's fit was made for another embedder and is not used; run semroute fit for this one")
	}
	b := newBuilder(catalog, c)
	semantic, err := b.space(ctx, embedder, c.before.semantic())
	if err != nil {
		return nil, err
	}
	var front *space
	if b.wantsStatic(embedder) {
		if front, err = b.staticSpace(ctx); err != nil {
			return nil, errors.Join(err, semantic.close())
		}
	}
	built, err := b.assemble(semantic, front, "")
	if err != nil {
		return nil, errors.Join(err, semantic.close(), front.close())
	}
	return built, nil
}

// BuildStandIn builds a generation that needs no service: static vectors decide
// all, and every decision gives why they do. It takes milliseconds for each
// thousand utterances.
func BuildStandIn(ctx context.Context, catalog *routes.Catalog, c Config, why string) (*Assembly, error) {
	b := newBuilder(catalog, c)
	only, err := b.staticSpace(ctx)
	if err != nil {
		return nil, err
	}
	built, err := b.assemble(only, nil, why)
	if err != nil {
		return nil, errors.Join(err, only.close())
	}
	return built, nil
}

// Ranker is what ranks the semantic stage.
func (a *Assembly) Ranker() *router.Classifier { return a.semantic.ranker }

// Entries are the catalog's utterances with their vectors, ordered by route,
// then utterance.
func (a *Assembly) Entries(ctx context.Context) ([]index.Entry, error) { return a.Synced.Entries(ctx) }

// Prune removes from the index what the catalog no longer holds. Call it when
// no request reads the generation before.
func (a *Assembly) Prune(ctx context.Context) error {
	if len(a.Synced.Stale) == 0 {
		return nil
	}
	if err := a.Index.Delete(ctx, a.Synced.Stale); err != nil {
		return fmt.Errorf("removing utterances that left the catalog: %w", err)
	}
	return nil
}

// withdraw removes from the index what only this generation wanted, which is
// not to be put in place.
func (a *Assembly) withdraw(ctx context.Context) error {
	if len(a.Synced.Added) == 0 {
		return nil
	}
	if err := a.Index.Delete(ctx, a.Synced.Added); err != nil {
		return fmt.Errorf("removing utterances of a catalog that was refused: %w", err)
	}
	return nil
}

// untrained counts the changes that its classifiers were not trained on.
func (a *Assembly) untrained() int {
	n := a.semantic.untrained
	if a.static != nil {
		n = max(n, a.static.untrained)
	}
	return n
}

// again is the same with a generation that can be put in place once more, of a
// catalog that has the same fingerprint.
func (a *Assembly) again(catalog *routes.Catalog) (*Assembly, error) {
	next := *a
	next.parts.Catalog = catalog
	return &next, next.regenerate()
}

// regenerate makes generation and order of the parts.
func (a *Assembly) regenerate() (err error) {
	a.parts.StaticBound = a.staticBound()
	if a.Generation, err = router.NewGeneration(a.parts); err != nil {
		return err
	}
	a.order, err = policy.NewOrder(policy.Deps{Catalog: a.parts.Catalog, Tokens: Counter{tokenizer: a.tokenizer}}, forward.Config{})
	return err
}

// awaitDrained waits until no prompt reads what was in place.
func (a *Assembly) awaitDrained() {
	for _, g := range a.placed {
		<-g.Drained()
	}
}

// Close frees the indexes. No request may use the generation any more.
func (a *Assembly) Close() error { return errors.Join(a.Index.Close(), a.static.close()) }
