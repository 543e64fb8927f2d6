package suggest

import (
	"context"
	"slices"

	"github.com/semroute/semroute/learn/labelerrors"
)

// Options say how many suggestions are wanted.
type Options struct {
	// Limit bounds those of each kind; 0 or less is 100.
	Limit int
	// Kinds are wanted; empty is all.
	Kinds []Kind
}

const defaultLimit = 100

func (o Options) limit() int {
	if o.Limit <= 0 {
		return defaultLimit
	}
	return o.Limit
}

func (o Options) wants(k Kind) bool { return len(o.Kinds) == 0 || slices.Contains(o.Kinds, k) }

// suggester carries what the kinds share.
type suggester struct {
	catalog *Catalog
	prompts []Prompt
	options Options
	numbers map[string]int         // of the routes
	held    map[string]bool        // texts that the catalog has, by route and text
	vectors map[string][][]float32 // of the utterances, by route
	effects *measurer
}

// Suggest makes the suggestions: utterances to add, the most useful first; new
// routes, the most asked for first; examples that fit no route; utterances to
// move, the surest first. Prompts have distinct texts. ctx stops it between
// suggestions.
func Suggest(ctx context.Context, c *Catalog, prompts []Prompt, o Options) ([]Suggestion, error) {
	s := &suggester{catalog: c, prompts: prompts, options: o, numbers: map[string]int{}, held: map[string]bool{}, vectors: map[string][][]float32{}}
	for i, name := range c.Routes {
		s.numbers[name] = i
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		s.held[e.Route+"\x00"+e.Utterance] = true
		s.vectors[e.Route] = append(s.vectors[e.Route], e.Vector)
	}
	for _, text := range c.None {
		s.held["\x00"+text] = true
	}
	if len(c.Entries) == 0 {
		return nil, nil
	}
	if err := s.prepareEffects(); err != nil {
		return nil, err
	}
	var all []Suggestion
	fresh, inNewRoutes := s.newRoutes()
	all = append(all, s.utterances(inNewRoutes)...)
	all = append(all, fresh...)
	all = append(all, s.moves()...)
	var out []Suggestion
	for i := range all {
		if !o.wants(all[i].Kind) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		all[i].identify()
		all[i].Effect = s.effect(&all[i])
		if e := &all[i].Effect; all[i].Kind == MoveUtterance && e.Lost > e.Gained {
			continue // hard, but where it belongs
		}
		out = append(out, all[i])
	}
	return out, nil
}

// number is -1 for a route that is not there.
func (s *suggester) number(route string) int {
	if n, ok := s.numbers[route]; ok {
		return n
	}
	return -1
}

// leastGap is how much more probable another route must be, at least, for an
// utterance to be moved there.
const leastGap = 0.6

// moves suggests to move utterances that stand under the wrong route.
func (s *suggester) moves() []Suggestion {
	if !s.options.wants(MoveUtterance) {
		return nil
	}
	var out []Suggestion
	for _, suspect := range labelerrors.Find(s.catalog.HeldOut, len(s.catalog.Routes)) {
		if len(out) == s.options.limit() || suspect.Gap < leastGap {
			break
		}
		e := &s.catalog.Entries[suspect.Example]
		out = append(out, Suggestion{
			Kind: MoveUtterance, Route: s.catalog.Routes[suspect.Route], From: e.Route, Utterances: []string{e.Utterance}, Guess: true,
		})
	}
	return out
}
