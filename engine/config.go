package engine

import (
	"context"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/router"
)

// Config says which parts are wanted.
type Config struct {
	Embedder EmbedderConfig
	Index    IndexConfig
	Settings router.Settings
	// CacheDir is where vectors and trained state outlive the process; empty
	// keeps nothing.
	CacheDir string
	// EmbedCacheFile keeps the embedder's cache of prompts' vectors; empty keeps
	// it nowhere.
	EmbedCacheFile string
	// Prune removes from the index what left the catalog, once no prompt reads the
	// generation before. It is for whoever serves; a command that looks on leaves
	// the index as it is.
	Prune bool
	// StaticStage builds the static stage even where nothing asks for it yet:
	// `fit` measures it.
	StaticStage bool
	Log         zerolog.Logger
	// Progress is told of long work; nil tells nobody.
	Progress Progress
	// Keep is to how many earlier catalogs Rollback can return; 0 means 2, less
	// than 0 to none.
	Keep int
	// Check looks at a generation of another catalog before Replace puts it in
	// place; its error keeps it out. nil takes every one.
	Check func(context.Context, *Assembly) error
	// BeforeSwap makes ready what decisions of a generation will need; it is called
	// for every one, right before it is put in place, one at a time. Its error
	// keeps the generation out. It must not call the engine. nil does nothing.
	BeforeSwap func(context.Context, *router.Generation) error
	// Alone lets a build into an index that others share begin: it waits until they
	// are done, and gives the context of the build, which may end before the one
	// given, and what ends the turn. nil waits for nobody.
	Alone func(context.Context) (held context.Context, done func(), err error)
	// OnStatus is told of every change of an engine's status, one at a time; it
	// must not block or call the engine. nil tells nobody.
	OnStatus func(Status)

	// before is what a build begins with; nil begins with nothing.
	before *beginning
	// extras keeps vectors from build to build; nil keeps none.
	extras *extras
	// updateFrom is from how many utterances, times routes, on a small change is
	// served before the classifier is trained again; 0 is the default.
	updateFrom int
	// trainAfter is how long no other change must come before the training beside
	// begins; 0 is the default.
	trainAfter time.Duration
	// onLost is told that an index has lost entries; nil tells nobody.
	onLost func()
	// copyBytes is for tests; 0 is the constant of that name.
	copyBytes int
}
