package suggest

import (
	"slices"

	"github.com/semroute/semroute/internal/vec"
)

// routeUtterances is how many utterances a new route begins with.
const routeUtterances = 10

// newRoutes suggests routes for clusters of prompts that were refused, or that
// belong to no route as somebody said, and gives the texts of those prompts.
func (s *suggester) newRoutes() (out []Suggestion, texts map[string]bool) {
	texts = map[string]bool{}
	if !s.options.wants(NewRoute) {
		return nil, texts
	}
	near := usualNearness(s.catalog.Entries)
	var refused []*Prompt
	var vectors [][]float32
	for i := range s.prompts {
		p := &s.prompts[i]
		if p.Known && p.Right != "" || !p.Known && !p.Unsure || s.held["\x00"+p.Text] || s.nearCatalog(p.Vector) >= near.nearest {
			continue
		}
		refused, vectors = append(refused, p), append(vectors, p.Vector)
	}
	taken := map[string]bool{}
	var others []string
	for _, name := range s.catalog.Routes {
		taken[name] = true
	}
	for i := range s.catalog.Entries {
		others = append(others, s.catalog.Entries[i].Utterance)
	}
	for _, c := range clusters(vectors, near.any, leastCluster) {
		if len(out) == s.options.limit() {
			break
		}
		one := s.newRoute(c, refused, others, taken)
		taken[one.Route] = true
		for _, m := range c.members {
			texts[refused[m].Text] = true
		}
		out = append(out, one)
	}
	return out, texts
}

// nearCatalog is the similarity of the nearest utterance.
func (s *suggester) nearCatalog(vector []float32) float32 {
	best := float32(-1)
	for i := range s.catalog.Entries {
		best = max(best, vec.Dot(vector, s.catalog.Entries[i].Vector))
	}
	return best
}

func (s *suggester) newRoute(c cluster, refused []*Prompt, others []string, taken map[string]bool) Suggestion {
	out := Suggestion{Kind: NewRoute, Guess: true}
	p := &pool{}
	for _, m := range c.members {
		prompt := refused[m]
		out.Prompts += max(1, len(prompt.Decisions))
		out.cite(prompt)
		p.prompts, p.rows = append(p.prompts, prompt), append(p.rows, prompt.Vector...)
		p.weights, p.near = append(p.weights, 1), append(p.near, 0)
	}
	var texts []string
	for _, prompt := range p.prompts {
		texts = append(texts, prompt.Text)
	}
	out.Route = propose(texts, others, taken)
	for _, t := range cover([]*pool{p}, routeUtterances) {
		out.Utterances = append(out.Utterances, p.prompts[t.place].Text)
		for k, similarity := range t.sims {
			if k != t.place && similarity >= nearDuplicate && len(out.Replaces) < maxReplaced && !slices.Contains(out.Replaces, p.prompts[k].Text) {
				out.Replaces = append(out.Replaces, p.prompts[k].Text)
			}
		}
	}
	out.Replaces = slices.DeleteFunc(out.Replaces, func(text string) bool { return slices.Contains(out.Utterances, text) })
	return out
}
