// Package shadow lets a candidate decide beside what serves, on a share of the
// prompts, and says what would change. It is off the way of a prompt: a decision
// that was made is copied into a bounded queue, which one goroutine works off; what
// finds no room is dropped and counted.
package shadow

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Decider decides; *engine.Engine is one.
type Decider interface {
	Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error)
}

// Config of a Shadow; a zero value has its default.
type Config struct {
	// Candidate decides; needed.
	Candidate Decider
	// Catalog is the candidate's, for its prices.
	Catalog *routes.Catalog
	// Share of the decisions, in (0, 1], is looked at.
	Share float64
	// KeepExamples allows the text of some prompts into the report. What of it may be
	// kept is said by Redact, nil keeps it as it is.
	KeepExamples bool
	Redact       func(string) string
	// Timeout (30 s) bounds one decision of the candidate.
	Timeout time.Duration
	// Random gives numbers in [0, 1); nil is the runtime's source.
	Random func() float64
}

const (
	defaultTimeout = 30 * time.Second
	// queueLength is how many decisions wait for the candidate.
	queueLength = 256
	// maxPromptBytes bounds a prompt that is looked at: the queue holds it.
	maxPromptBytes = 64 << 10
)

// Shadow compares. Make it by New; it is safe for concurrent use.
type Shadow struct {
	config  Config
	queue   chan work
	dropped atomic.Int64

	mu          sync.Mutex // protects the fields below
	fingerprint string
	active      *routes.Catalog // nil before the first generation
	tally       tally
}

// work is one decision to compare.
type work struct {
	prompt   router.Prompt
	decision router.Decision
}

// New makes a shadow.
func New(config Config) *Shadow {
	config.Timeout = cmp.Or(config.Timeout, defaultTimeout)
	if config.Random == nil {
		config.Random = rand.Float64
	}
	return &Shadow{config: config, queue: make(chan work, queueLength)}
}

// Serving says which catalog serves from now on, under which fingerprint. What was
// compared with another one is forgotten.
func (s *Shadow) Serving(fingerprint string, catalog *routes.Catalog) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fingerprint != s.fingerprint {
		s.tally = tally{}
	}
	s.fingerprint, s.active = fingerprint, catalog
}

// Decided looks at a share of the decisions later. It never blocks.
func (s *Shadow) Decided(p *router.Prompt, d *router.Decision) {
	if s.config.Random() >= s.config.Share || size(p) > maxPromptBytes {
		return
	}
	w := work{prompt: *p, decision: router.Decision{
		Route: d.Route, Models: d.Models, Abstained: d.Abstained, FallbackRoute: d.FallbackRoute, Confidence: d.Confidence, Fingerprint: d.Fingerprint,
	}}
	w.prompt.Messages = slices.Clone(p.Messages)
	select {
	case s.queue <- w:
	default:
		s.dropped.Add(1)
	}
}

// size is how many bytes of text a prompt has.
func size(p *router.Prompt) int {
	n := len(p.Text)
	for i := range p.Messages {
		n += len(p.Messages[i].Text())
	}
	return n
}

// Run compares what comes until ctx ends.
func (s *Shadow) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case w := <-s.queue:
			s.compare(ctx, &w)
		}
	}
}

// compare lets the candidate decide and notes what differs.
func (s *Shadow) compare(ctx context.Context, w *work) {
	bounded, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	start := time.Now()
	d, err := s.config.Candidate.Decide(bounded, w.prompt, router.Limits{Candidates: router.None, Matches: router.None})
	took := time.Since(start)
	if ctx.Err() != nil {
		return
	}
	text := promptText(&w.prompt)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.tally.failed++
		s.tally.lastError = err.Error()
		return
	}
	c := comparison{
		from: w.decision.Route, to: d.Route, fromModel: w.decision.Model(), toModel: d.Model(), took: took,
		fromConfidence: w.decision.Confidence, toConfidence: d.Confidence,
	}
	if s.active != nil {
		c.fromCost, c.fromPriced = cost(s.active, c.fromModel, len(text))
	}
	c.toCost, c.toPriced = cost(s.config.Catalog, c.toModel, len(text))
	if s.config.KeepExamples {
		c.example = text
		if s.config.Redact != nil {
			c.example = s.config.Redact(text)
		}
	}
	s.tally.add(&c)
}

// promptText is the text of a prompt, that of the last message of a chat.
func promptText(p *router.Prompt) string {
	if n := len(p.Messages); n > 0 {
		return p.Messages[n-1].Text()
	}
	return p.Text
}
