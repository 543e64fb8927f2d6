package suggest

import (
	"slices"

	"github.com/semroute/semroute/internal/vec"
)

// prepareEffects makes the stand-in of the utterances; it is measured on them and on
// the prompts whose route is known.
func (s *suggester) prepareEffects() (err error) {
	var examples []example
	var texts []string
	for i := range s.catalog.Entries {
		e := &s.catalog.Entries[i]
		examples = append(examples, example{e.Vector, s.number(e.Route)})
		texts = append(texts, e.Utterance)
	}
	learnFrom := len(examples)
	for i := range s.prompts {
		if p := &s.prompts[i]; p.Known && p.Right != "" {
			examples = append(examples, example{p.Vector, s.number(p.Right)})
			texts = append(texts, p.Text)
		}
	}
	s.effects, err = newMeasurer(examples, texts, learnFrom, len(s.catalog.Routes))
	return err
}

// effect estimates what a suggestion does.
func (s *suggester) effect(one *Suggestion) Effect {
	without := map[string]bool{}
	for _, list := range [][]string{one.Utterances, one.Replaces} {
		for _, text := range list {
			without[text] = true
		}
	}
	for _, e := range one.Evidence {
		without[e.Text] = true
	}
	c := change{vector: s.mean(one.Utterances), to: len(s.catalog.Routes), from: -1, load: float32(len(one.Utterances))}
	if n := s.number(one.Route); n >= 0 {
		c.to, c.load = n, s.effects.standIn.loads[n]
	}
	if one.Kind == MoveUtterance {
		c.from = s.number(one.From)
		c.load = s.effects.standIn.loads[c.from]
	}
	return s.effects.measure(c, without)
}

// mean is that of the vectors of utterances and prompts.
func (s *suggester) mean(texts []string) []float32 {
	sum := make([]float32, s.effects.standIn.dim)
	n := 0
	add := func(text string, vector []float32) {
		if slices.Contains(texts, text) {
			vec.Axpy(1, vector, sum)
			n++
		}
	}
	for i := range s.prompts {
		add(s.prompts[i].Text, s.prompts[i].Vector)
	}
	if n == 0 {
		for i := range s.catalog.Entries {
			add(s.catalog.Entries[i].Utterance, s.catalog.Entries[i].Vector)
		}
	}
	for i := range sum {
		sum[i] /= float32(max(1, n))
	}
	return sum
}
