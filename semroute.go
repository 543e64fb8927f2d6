// Package semroute is the router as a Go package: it decides which route of a
// catalog a prompt belongs to, how sure that is and why, in the process that
// asks, by the same code as the server and the command line.
//
// An Engine is opened on the catalog's files and answers Decide from then on. It
// promises that decisions are made on one complete generation of catalog,
// vectors and trained state, that Reload never disturbs the prompts under way,
// and that a decision which had to do without something says so. It makes no
// call to a model: that is the server's, or the caller's, who finds in
// Decision.Models which ones may serve the prompt.
package semroute

import (
	"context"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// What goes in and comes out; see the packages that define them.
type (
	// Prompt is what is to be routed: a text, or a conversation.
	Prompt = router.Prompt
	// Message is one turn of a conversation.
	Message = chat.Message
	// User is on whose behalf a prompt is sent; rules see it.
	User = router.User
	// Decision is the answer to one prompt.
	Decision = router.Decision
	// Status says how an Engine is doing.
	Status = engine.Status
)

// Errors of Decide; test for them with errors.Is. The cause is wrapped beside.
var (
	// ErrEmbedder: the prompt could not be embedded.
	ErrEmbedder = router.ErrEmbedder
	// ErrIndex: the neighbours could not be searched.
	ErrIndex = router.ErrIndex
	// ErrNothingEarlier: there is no catalog before this one to return to.
	ErrNothingEarlier = engine.ErrNothingEarlier
)

// Engine decides by one catalog. It is safe for concurrent use.
type Engine struct {
	engine   *engine.Engine
	paths    []string
	cacheDir string
	log      zerolog.Logger
}

// Open loads the catalog, a YAML file or a folder of them, and builds what
// decides by it. It fails with every problem of the catalog at its file, line
// and column, or with what keeps the embedder or the index from being used. The
// embedder's model and the catalog's snapshots are watched over until Close.
func Open(ctx context.Context, catalog string, o Options) (*Engine, error) {
	loaded, err := engine.LoadCatalog(o.CacheDir, catalog)
	if err != nil {
		return nil, err
	}
	warn(o.Log, loaded)
	name, err := engine.CatalogName([]string{catalog})
	if err != nil {
		return nil, err
	}
	opened, err := engine.Open(ctx, loaded, o.config(loaded, name))
	if err != nil {
		return nil, err
	}
	return &Engine{engine: opened, paths: []string{catalog}, cacheDir: o.CacheDir, log: o.Log}, nil
}

// Decide decides one prompt. Being unsure is no error but a Decision that
// abstains, with its reason. It fails with ErrEmbedder, ErrIndex or the error of
// ctx.
func (e *Engine) Decide(ctx context.Context, p Prompt) (Decision, error) {
	return e.engine.Decide(ctx, p, router.Limits{})
}

// DecideBatch decides all prompts on one generation with one embedding call, in
// the order given. It decides all or, with the errors of Decide, none.
func (e *Engine) DecideBatch(ctx context.Context, prompts []Prompt) ([]Decision, error) {
	return e.engine.DecideBatch(ctx, prompts, router.Limits{})
}

// Reload loads the catalog's files again and replaces the generation by one made
// of them, embedding only what is new. When it fails the one before goes on.
// Prompts under way end on the generation that they began with.
func (e *Engine) Reload(ctx context.Context) error {
	loaded, err := engine.LoadCatalog(e.cacheDir, e.paths...)
	if err != nil {
		return err
	}
	warn(e.log, loaded)
	return e.engine.Replace(ctx, loaded)
}

// Rollback returns to the catalog before the last Reload, and so on with every further
// call, at once where its generation is still complete. It fails with ErrNothingEarlier
// where there is none, or as Reload does; then nothing changes. The files stay what they
// are: the next Reload reads them again.
func (e *Engine) Rollback(ctx context.Context) error { return e.engine.Rollback(ctx) }

// Status says what the engine decides on, and whether the last build failed.
func (e *Engine) Status() Status { return e.engine.Status() }

// Close frees what the engine holds open. No call may be under way, and none
// may come after it.
func (e *Engine) Close() error { return e.engine.Close() }

// warn logs what is odd about a catalog that can be used.
func warn(log zerolog.Logger, catalog *routes.Catalog) {
	for _, warning := range catalog.Warnings {
		log.Warn().Msg(warning.String())
	}
}
