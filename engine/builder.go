package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/router/language"
	"github.com/semroute/semroute/router/spelling"
	"github.com/semroute/semroute/routes"
)

// builder builds the spaces of one generation.
type builder struct {
	catalog *routes.Catalog
	config  Config
	// inProcess opens the static embedder, whose tokenizer rules need too, once.
	inProcess func() (*static.Embedder, error)
	begun     time.Time
}

func newBuilder(catalog *routes.Catalog, c Config) *builder {
	c.Index.CacheDir = c.CacheDir
	return &builder{catalog: catalog, config: c, begun: time.Now(), inProcess: sync.OnceValues(func() (*static.Embedder, error) {
		return static.New(static.Config{})
	})}
}

// space is one way to score prompts, with the index that it holds open.
type space struct {
	catalog  *routes.Catalog
	config   Config // by which it was made, without what it began with
	embedder embed.Embedder
	index    index.Index
	searched index.Index // the same, watched where it is on a server
	copied   index.Index // the same in memory, while the server cannot be searched; or nil
	synced   Synced
	ranker   *router.Classifier
	speaks   map[string]bool // languages beside the catalog's
	// untrained counts the changes that the ranker was only updated with.
	untrained int
}

// close frees the index of a space; nil has none.
func (s *space) close() error {
	if s == nil {
		return nil
	}
	return s.index.Close()
}

// space opens and fills the index for an embedder and trains its ranker. What
// does not need the index is opened beside it. before is the space of the
// generation before, nil for none.
func (b *builder) space(ctx context.Context, e embed.Embedder, before *space) (*space, error) {
	c := b.config
	t := newTrainer(c)
	kept := sync.OnceValue(func() trained { return t.kept(b.catalog, e) })
	go func() {
		kept()
		_, _ = b.inProcess()
	}()
	idx, synced, err := openSynced(ctx, b.catalog, c, e)
	if err != nil {
		kept() // it must not outlive the call
		return nil, err
	}
	logFailed(c.Log, synced.Failed)
	ranker, untrained, err := t.train(ctx, b.catalog, e, &synced, kept(), before)
	if err != nil {
		return nil, errors.Join(err, idx.Close())
	}
	copied, err := b.inMemory(ctx, &synced, e)
	if err != nil {
		return nil, errors.Join(err, idx.Close())
	}
	synced.release()
	c.before = nil
	speaks, err := t.speaks(ctx, e, c.Embedder.Kind)
	if err != nil {
		return nil, errors.Join(err, idx.Close())
	}
	s := &space{untrained: untrained, catalog: b.catalog, config: c, speaks: speaks, embedder: e, index: idx, searched: idx, synced: synced, ranker: ranker, copied: copied}
	if c.Index.Kind != Memory && c.onLost != nil {
		s.searched = &watchedIndex{Index: idx, tell: c.onLost}
	}
	return s, nil
}

// staticSpace is a space in process: static vectors, their neighbours, and a
// ranker trained on them.
func (b *builder) staticSpace(ctx context.Context) (*space, error) {
	e, err := b.inProcess()
	if err != nil {
		return nil, fmt.Errorf("static embedder: %w", err)
	}
	inMemory := *b
	inMemory.config.Embedder.Kind, inMemory.config.Index.Kind, inMemory.config.Progress = Static, Memory, nil
	before := b.config.before.front()
	inMemory.config.before = before.alone() // the others are of another embedder
	return inMemory.space(ctx, e, before)
}

// wantsStatic says whether a static stage would ever decide.
func (b *builder) wantsStatic(e embed.Embedder) bool {
	c := &b.config
	if c.Embedder.Kind == Static { // the semantic stage is static already, but may lean on a server's index
		return c.Settings.DegradeToStatic && c.Index.Kind != Memory
	}
	if c.StaticStage || c.Settings.DegradeToStatic {
		return true
	}
	may := c.Index.Kind == Memory // a catalog that outgrows a process needs no second index there
	if fitted := b.catalog.Fitted; fitted != nil && fitted.Embedder == e.Fingerprint() {
		may = fitted.Static != nil
	}
	return may && !c.Settings.Stages.NoStatic
}

// assemble makes a generation of the spaces; front is nil without a static
// stage, and standIn says why static vectors stand in for the semantic ones.
func (b *builder) assemble(semantic, front *space, standIn string) (*Assembly, error) {
	inProcess, err := b.inProcess()
	if err != nil {
		return nil, fmt.Errorf("static embedder: %w", err)
	}
	parts := router.Parts{
		Catalog:  b.catalog,
		Semantic: semantic.forRouter(),
		Tokens:   inProcess.Tokenizer(),
		Settings: b.config.Settings,
		StandIn:  standIn,
	}
	texts := b.catalogTexts()
	parts.Languages = language.New(texts, inProcess.Tokenizer())
	if speller := spelling.New(texts, inProcess.Tokenizer()); speller != nil {
		parts.Speller = speller
	}
	if front != nil {
		stage := front.forRouter()
		parts.Static = &stage
	}
	a := &Assembly{
		Embedder: semantic.embedder, Index: semantic.index, Synced: semantic.synced, begun: b.begun,
		parts: parts, tokenizer: inProcess.Tokenizer(), semantic: semantic, static: front,
	}
	return a, a.regenerate()
}

// catalogTexts are all utterances, those of no route included.
func (b *builder) catalogTexts() []string {
	texts := slices.Clone(b.catalog.None)
	for i := range b.catalog.Routes {
		texts = append(texts, b.catalog.Routes[i].Utterances...)
	}
	return texts
}

func (s *space) forRouter() router.Space {
	space := router.Space{Embedder: s.embedder, Index: s.searched, Ranker: s.ranker, Speaks: s.speaks}
	if s.copied != nil {
		space.Copy = s.copied
	}
	return space
}
