package shadow

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

// Report says what the candidate would change.
type Report struct {
	// Compared decisions; Dropped found the queue full, Failed could not be decided
	// by the candidate, LastError says why.
	Compared, Dropped, Failed int64
	LastError                 string
	// Routes, Abstentions and Models are the changed ones: another route, a route
	// in place of none or none in place of a route, the same but another model first.
	Routes, Abstentions, Models int64
	// PerRoute has the routes of both sides, by name, "" for none.
	PerRoute []RouteReport
	// Moves are the changes from one route to another, the most frequent first.
	Moves []Move
	// Latency is the candidate's mean.
	Latency time.Duration
	// Costs are of what was priced on both sides.
	Costs Costs
}

// RouteReport counts the decisions for a route.
type RouteReport struct {
	Route string
	// Active and Candidate chose it; Same did both.
	Active, Candidate, Same int64
}

// Move is a change of route, "" for none, with examples where prompts may be kept.
type Move struct {
	From, To string
	Count    int64
	Examples []Example
}

// Example is a prompt that moves.
type Example struct {
	Text                         string
	FromConfidence, ToConfidence float64
}

// Costs compare the first models of the decisions, each asked once, for answers
// of AnswerTokens tokens, in nano-dollars.
type Costs struct {
	Decisions         int64
	Active, Candidate int64
	// Unpriced decisions had no price on one side.
	Unpriced int64
}

const (
	// AnswerTokens is how long an answer is taken to be.
	AnswerTokens = 256
	// bytesPerToken is about what a token of English takes.
	bytesPerToken = 4

	maxMoves        = 1024
	maxExamples     = 3
	maxExampleBytes = 300
	maxRoutes       = 4096
)

// tally is what was compared.
type tally struct {
	report Report
	took   time.Duration
	failed int64
	routes map[string]*RouteReport
	moves  map[[2]string]*Move

	lastError string
}

// comparison is one decision of both.
type comparison struct {
	from, to, fromModel, toModel string
	fromConfidence, toConfidence float64
	fromCost, toCost             int64
	fromPriced, toPriced         bool
	took                         time.Duration
	example                      string
}

func (t *tally) add(c *comparison) {
	r := &t.report
	r.Compared++
	t.took += c.took
	if from := t.route(c.from); from != nil {
		from.Active++
		if c.from == c.to {
			from.Same++
		}
	}
	if to := t.route(c.to); to != nil {
		to.Candidate++
	}
	if c.fromPriced && c.toPriced {
		r.Costs.Decisions++
		r.Costs.Active = forward.AddCapped(r.Costs.Active, c.fromCost)
		r.Costs.Candidate = forward.AddCapped(r.Costs.Candidate, c.toCost)
	} else {
		r.Costs.Unpriced++
	}
	switch {
	case c.from == c.to && c.fromModel == c.toModel:
		return
	case c.from == c.to:
		r.Models++
		return
	case c.from == "" || c.to == "":
		r.Abstentions++
	default:
		r.Routes++
	}
	t.move(c)
}

// route is the count of a route; nil where there are too many.
func (t *tally) route(name string) *RouteReport {
	if t.routes == nil {
		t.routes = map[string]*RouteReport{}
	}
	if t.routes[name] == nil && len(t.routes) < maxRoutes {
		t.routes[name] = &RouteReport{Route: name}
	}
	return t.routes[name]
}

func (t *tally) move(c *comparison) {
	if t.moves == nil {
		t.moves = map[[2]string]*Move{}
	}
	key := [2]string{c.from, c.to}
	m := t.moves[key]
	if m == nil {
		if len(t.moves) == maxMoves {
			return
		}
		m = &Move{From: c.from, To: c.to}
		t.moves[key] = m
	}
	if m.Count++; c.example != "" && len(m.Examples) < maxExamples {
		text := c.example
		if len(text) > maxExampleBytes {
			text = strings.ToValidUTF8(text[:maxExampleBytes], "") + "…"
		}
		m.Examples = append(m.Examples, Example{Text: strings.Clone(text), FromConfidence: c.fromConfidence, ToConfidence: c.toConfidence})
	}
}

// Report is the present one.
func (s *Shadow) Report() Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.tally
	r := t.report
	r.Dropped, r.Failed, r.LastError = s.dropped.Load(), t.failed, t.lastError
	if r.Compared > 0 {
		r.Latency = t.took / time.Duration(r.Compared)
	}
	for _, name := range slices.Sorted(maps.Keys(t.routes)) {
		r.PerRoute = append(r.PerRoute, *t.routes[name])
	}
	for _, m := range t.moves {
		move := *m
		move.Examples = slices.Clone(m.Examples)
		r.Moves = append(r.Moves, move)
	}
	slices.SortFunc(r.Moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return r
}

// cost is what a model would take for a prompt, in nano-dollars; false without a
// price.
func cost(catalog *routes.Catalog, model string, bytes int) (int64, bool) {
	for i := range catalog.Models {
		m := &catalog.Models[i]
		if m.Name != model {
			continue
		}
		price := m.Prices.At(time.Now())
		if price == nil {
			return 0, false
		}
		usage := forward.Usage{InputTokens: int64(bytes+bytesPerToken-1) / bytesPerToken, OutputTokens: AnswerTokens}
		return forward.Cost(*price, usage), true
	}
	return 0, false
}
