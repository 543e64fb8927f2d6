package router

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/routes"
)

// Parts are what a generation is made of.
type Parts struct {
	Catalog *routes.Catalog
	// Semantic is the stage that decides; it is needed.
	Semantic Space
	// Static is the in-process stage in front of it; nil where there is none.
	Static *Space
	// StaticBound is from where on the static stage decides where the catalog has
	// no fit for the semantic stage's embedder; nil lets it decide nothing then.
	StaticBound *routes.StaticBound
	// Tokens estimates a prompt's length for rules.
	Tokens TokenCounter
	// Speller mends slips of the hand before a prompt is ranked; nil mends nothing.
	Speller Speller
	// Languages tells prompts in a language that the catalog does not speak; nil
	// tells none.
	Languages Languages
	// Settings are the router's own; they belong to the fingerprint.
	Settings Settings
	// StandIn says why static vectors stand in for the semantic stage, which is
	// then one made of them; every decision names it as degraded. Empty: they
	// do not.
	StandIn string
}

// Speller reads a text as it was meant; see package spelling.
type Speller interface {
	// Mend gives the text itself where there is nothing to mend.
	Mend(text string) string
	// Version changes when other texts are mended, or in another way.
	Version() string
}

// Languages tells what language a prompt is in; see package language.
type Languages interface {
	// Foreign is the code of a language that the catalog does not speak, or empty.
	Foreign(text string) string
}

// Settings change decisions, so they are part of a generation.
type Settings struct {
	// Turns says which turns of a conversation are looked at; empty means auto.
	Turns Turns
	// Stages says which stages run; the zero value runs all.
	Stages StagePolicy
	// DegradeToStatic lets the static stage decide everything while the
	// embedder or index fails; such decisions say so. Off, they are errors.
	DegradeToStatic bool
	// EmbedBudget is how long the semantic stage may take before static vectors
	// decide, with DegradeToStatic; 0 leaves it to the caller's deadline and a bound of
	// seconds.
	EmbedBudget time.Duration
}

// StagePolicy switches stages off.
type StagePolicy struct {
	NoRules  bool
	NoStatic bool
}

// Generation is one immutable, complete state: catalog, vectors, ranker,
// rules and bounds. Requests read one; replacing it is one atomic swap.
type Generation struct {
	catalog     *routes.Catalog
	semantic    Space
	static      *Space
	settings    Settings
	speller     Speller
	languages   Languages
	rules       *ruleSet
	bounds      map[string]Bounds
	staticSpace map[string]Bounds // bounds of the static stage when it stands in
	staticBound *routes.StaticBound
	models      map[string][]string
	fallback    []string
	fingerprint string
	standIn     string

	readers atomic.Int64 // requests, and the router while it is in place
	drain   sync.Once
	drained chan struct{}
}

// NewGeneration checks the parts and settles bounds, rules and fingerprint.
func NewGeneration(p Parts) (*Generation, error) {
	if p.Settings.Turns == "" {
		p.Settings.Turns = TurnsAuto
	}
	rules, err := compileRules(p.Catalog, p.Tokens)
	if err != nil {
		return nil, err
	}
	g := &Generation{
		catalog:   p.Catalog,
		semantic:  p.Semantic,
		static:    p.Static,
		settings:  p.Settings,
		speller:   p.Speller,
		languages: p.Languages,
		rules:     rules,
		bounds:    BoundsFor(p.Catalog, p.Semantic.Embedder.Fingerprint(), p.Semantic.Ranker.Defaults()),
		models:    make(map[string][]string, len(p.Catalog.Routes)),
		standIn:   p.StandIn,
		drained:   make(chan struct{}),
	}
	g.semantic.mark = &mark{}
	for i := range p.Catalog.Routes {
		g.models[p.Catalog.Routes[i].Name] = p.Catalog.Routes[i].Models
	}
	g.fallback = p.Catalog.Fallback.Models
	if p.Catalog.Fallback.Route != "" {
		g.fallback = g.models[p.Catalog.Fallback.Route]
	}
	if p.Static != nil {
		static := *p.Static
		static.mark = &mark{}
		g.static = &static
		g.staticSpace = BoundsFor(p.Catalog, p.Static.Embedder.Fingerprint(), p.Static.Ranker.Defaults())
		g.staticBound = p.StaticBound
		if fitted := fittedFor(p.Catalog, p.Semantic.Embedder.Fingerprint()); fitted != nil {
			g.staticBound = fitted.Static
		}
	}
	g.fingerprint = g.identify()
	return g, nil
}

// Catalog is the catalog that the generation was built from.
func (g *Generation) Catalog() *routes.Catalog { return g.catalog }

// Fingerprint identifies everything that can change a decision.
func (g *Generation) Fingerprint() string { return g.fingerprint }

// Embedder identifies what the semantic stage embeds with.
func (g *Generation) Embedder() string { return g.semantic.Embedder.Fingerprint() }

// Ranker is what ranks the semantic stage.
func (g *Generation) Ranker() Ranker { return g.semantic.Ranker }

// Bounds are those of every route in the semantic stage; to be read only.
func (g *Generation) Bounds() map[string]Bounds { return g.bounds }

// StaticFirst says whether the static stage decides where it is sure enough.
func (g *Generation) StaticFirst() bool {
	return g.static != nil && g.staticBound != nil && !g.settings.Stages.NoStatic
}

// StandIn says why static vectors stand in for the semantic stage; empty when
// they do not.
func (g *Generation) StandIn() string { return g.standIn }

// Drained is closed once the generation has been replaced and no request reads
// it any more: what it holds open may then be closed.
func (g *Generation) Drained() <-chan struct{} { return g.drained }

// release ends what acquire began. Whoever acquires a generation that was
// replaced at that moment lets go of it at once, so nothing may come to zero twice.
func (g *Generation) release() {
	if g.readers.Add(-1) == 0 {
		g.drain.Do(func() { close(g.drained) })
	}
}

// identify hashes the parts. Sixteen hex digits tell generations apart as
// well as anyone can compare them by eye.
func (g *Generation) identify() string {
	h := sha256.New()
	write := func(s string) { _, _ = fmt.Fprintf(h, "%d:%s;", len(s), s) }
	write(g.catalog.Fingerprint())
	write(g.semantic.Embedder.Fingerprint())
	write(g.semantic.Ranker.Fingerprint())
	if g.static != nil {
		write(g.static.Embedder.Fingerprint())
		write(g.static.Ranker.Fingerprint())
	}
	write(fmt.Sprintf("%+v", g.settings))
	if g.speller != nil {
		write("spelling " + g.speller.Version())
	}
	if g.languages != nil {
		write(fmt.Sprint("languages 1 ", g.semantic.Speaks))
	}
	if g.staticBound != nil {
		write(fmt.Sprintf("static from %v %v", g.staticBound.MinConfidence, g.staticBound.MinMargin))
	}
	if g.standIn != "" {
		write("stands in")
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
