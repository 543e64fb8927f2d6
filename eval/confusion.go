package eval

import (
	"cmp"
	"slices"
	"strings"
)

// maxExamples bounds the texts shown for one pair of confused routes.
const maxExamples = 3

// Confusion is a pair of routes that was mixed up: prompts of Truth for which
// Predicted was leading. An empty Truth stands for out-of-scope prompts, of
// which only the accepted count.
type Confusion struct {
	Truth     string `json:"truth"`
	Predicted string `json:"predicted"`
	Count     int    `json:"count"`
	// Accepted counts those that were not abstained from.
	Accepted int      `json:"accepted"`
	Examples []string `json:"examples"`
}

// confusions are ordered by count, then by the routes' names.
func confusions(seen []observation) []Confusion {
	type pair struct{ truth, predicted string }
	at := map[pair]int{}
	found := []Confusion{}
	for i := range seen {
		o := &seen[i]
		if o.leading == "" || o.leadsRight() || !o.inScope() && !o.accepted() {
			continue
		}
		p := pair{o.Route, o.leading}
		k, known := at[p]
		if !known {
			k = len(found)
			at[p] = k
			found = append(found, Confusion{Truth: p.truth, Predicted: p.predicted})
		}
		found[k].Count++
		if o.accepted() {
			found[k].Accepted++
		}
		if len(found[k].Examples) < maxExamples {
			found[k].Examples = append(found[k].Examples, o.Text)
		}
	}
	slices.SortFunc(found, func(a, b Confusion) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Truth, b.Truth), strings.Compare(a.Predicted, b.Predicted))
	})
	return found
}
