package suggest

import (
	"maps"
	"slices"
)

// utterances suggests prompts to add to their routes, and to what fits none.
// Prompts in leave are of new routes.
func (s *suggester) utterances(leave map[string]bool) []Suggestion {
	byRoute := map[string][]*Prompt{}
	for i := range s.prompts {
		p := &s.prompts[i]
		route, none, ok := p.home()
		if !ok || leave[p.Text] || s.held[route+"\x00"+p.Text] || !none && s.number(route) < 0 {
			continue
		}
		byRoute[route] = append(byRoute[route], p)
	}
	var routes, nowhere []*pool
	for _, route := range slices.Sorted(maps.Keys(byRoute)) {
		p := newPool(route, route == "", byRoute[route], s.vectors[route])
		if p.none {
			nowhere = append(nowhere, p)
		} else {
			routes = append(routes, p)
		}
	}
	var out []Suggestion
	for _, t := range cover(routes, s.options.limit()) {
		out = append(out, t.suggestion())
	}
	for _, t := range cover(nowhere, s.options.limit()) {
		out = append(out, t.suggestion())
	}
	return out
}

func (t *taken) suggestion() Suggestion {
	chosen := t.pool.prompts[t.place]
	out := Suggestion{Kind: AddUtterance, Route: t.pool.route, Utterances: []string{chosen.Text}, Guess: !chosen.Known}
	if t.pool.none {
		out.Kind = AddNone
	}
	for _, k := range t.covered {
		p := t.pool.prompts[k]
		out.Prompts += max(1, len(p.Decisions))
		out.cite(p)
	}
	for k, similarity := range t.sims {
		if k != t.place && similarity >= nearDuplicate && len(out.Replaces) < maxReplaced {
			out.Replaces = append(out.Replaces, t.pool.prompts[k].Text)
		}
	}
	return out
}

// cite adds a prompt to what the suggestion stands on.
func (s *Suggestion) cite(p *Prompt) {
	if len(s.Evidence) == maxEvidence {
		return
	}
	e := Evidence{Text: p.Text}
	if len(p.Decisions) > 0 {
		e.Decision = p.Decisions[0]
	}
	s.Evidence = append(s.Evidence, e)
}
