package advice

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/learn/feedback"
	"github.com/semroute/semroute/learn/suggest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/store"
)

// The kinds of failure.
var (
	// ErrUnknownSuggestion: there is no such suggestion, or no longer.
	ErrUnknownSuggestion = errors.New("there is no such suggestion")
	// ErrBadRoute: a suggestion cannot be accepted for this route.
	ErrBadRoute = errors.New("the suggestion cannot be accepted for this route")
)

// Store is what an Advisor reads and remembers in; store.Store is one.
type Store interface {
	feedback.Store
	store.Values
}

// Router is what advice is for: the router that serves.
type Router interface {
	// Serving are the names of the routes that are served, and what decides now.
	// It never waits.
	Serving() (routes []string, fingerprint string)
	// Promised is what the generation in place promises.
	Promised(ctx context.Context) (Promised, error)
	// Study is the generation in place, to learn from; it is closed after use.
	Study(ctx context.Context) (Study, error)
}

// Promised are the precisions that were promised.
type Promised struct {
	// Fit identifies the promise: another fit is another promise. "" is none.
	Fit string
	// Precision is what was promised for each route and for all together.
	Precision float64
	// Routes are the names of all routes.
	Routes []string
	// Fingerprint is that of the generation.
	Fingerprint string
}

// Study is one generation as advice is made of it.
type Study struct {
	Catalog     suggest.Catalog
	Fingerprint string
	// Embed gives the unit vectors of prompts, in their order, nil for those
	// that cannot be embedded.
	Embed func(ctx context.Context, texts []string) ([][]float32, error)
	// Decide decides prompts.
	Decide func(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error)
}

// Change is what an accepted suggestion changes, all of it or nothing.
type Change struct {
	Author, Cause string
	// Open is the name of a route to open; Models may serve it.
	Open   string
	Models []string
	// Add comes to Route ("" for what fits none), Remove leaves From.
	Route  string
	Add    []string
	From   string
	Remove []string
}

// Changed is what came of a change.
type Changed struct {
	Revision    int64
	Fingerprint string
}

// Editor changes the catalog that serves.
type Editor interface {
	Change(ctx context.Context, c Change) (Changed, error)
}

// Config says how advice is given; zero values mean the defaults.
type Config struct {
	// FalseAlarmRate (0.01) is the probability, at most, of any false alarm.
	FalseAlarmRate float64
	// MaxPrompts (5000) bounds the prompts that suggestions are made of; those of
	// the newest decisions count.
	MaxPrompts int
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// OnFeedback is told of what was said for the first time, for a metric; it must
	// not block. nil tells nobody.
	OnFeedback func(feedback.Feedback)
}

const (
	defaultRate       = 0.01
	defaultMaxPrompts = 5000
	// maxFeedback bounds the feedback that is read at once.
	maxFeedback = 200_000
)

// Advisor gives advice. It is safe for concurrent use.
type Advisor struct {
	// Feedback lists what was said.
	Feedback *feedback.Log

	store  Store
	router Router
	editor Editor
	config Config

	said   atomic.Int64 // how often something was said here
	making sync.Mutex   // one list of suggestions is made at a time; protects last
	last   *made
}

// New makes an Advisor.
func New(s Store, r Router, editor Editor, c Config) *Advisor {
	if c.FalseAlarmRate <= 0 {
		c.FalseAlarmRate = defaultRate
	}
	if c.MaxPrompts <= 0 {
		c.MaxPrompts = defaultMaxPrompts
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Advisor{Feedback: feedback.NewLog(s, c.Now), store: s, router: r, editor: editor, config: c}
}

// Give keeps feedback as feedback.Log does; what is suggested from then on knows
// of it.
func (a *Advisor) Give(ctx context.Context, f feedback.Feedback) (kept feedback.Feedback, repeated bool, err error) {
	kept, repeated, err = a.Feedback.Give(ctx, f)
	if err == nil && !repeated {
		a.said.Add(1)
		if a.config.OnFeedback != nil {
			a.config.OnFeedback(kept)
		}
	}
	return kept, repeated, err
}

// Serving are the names of the routes that are served, and what decides now.
func (a *Advisor) Serving() (routes []string, fingerprint string) { return a.router.Serving() }

// summaries is what was said since then, a summary a decision.
func (a *Advisor) summaries(ctx context.Context, since time.Time) ([]feedback.Summary, error) {
	list, _, err := a.Feedback.List(ctx, since, "", 0, maxFeedback)
	if err != nil {
		return nil, err
	}
	return feedback.Summarize(list), nil
}
