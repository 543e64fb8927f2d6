package eval

import (
	"cmp"
	"slices"
)

// WrongKind says in which way a decision is wrong.
type WrongKind string

// The kinds of wrong decisions.
const (
	// WrongRoute: another route was chosen.
	WrongRoute WrongKind = "wrong_route"
	// WrongAbstained: none was chosen though one fits.
	WrongAbstained WrongKind = "abstained"
	// WrongAccepted: one was chosen though none fits.
	WrongAccepted WrongKind = "accepted_out_of_scope"
)

// Wrong is a prompt that was not decided as its label asks.
type Wrong struct {
	Line int       `json:"line,omitempty"`
	Text string    `json:"text"`
	Kind WrongKind `json:"kind"`
	// Truth is the label, Predicted the chosen route; empty means none.
	Truth     string `json:"truth"`
	Predicted string `json:"predicted"`
	// Leading is the route that would have been chosen with abstention off.
	Leading    string  `json:"leading"`
	Confidence float64 `json:"confidence"`
	// Reason says why the router abstained; empty when it did not.
	Reason  string    `json:"reason"`
	Nearest []Nearest `json:"nearest"`
}

// Nearest is an utterance near a prompt.
type Nearest struct {
	Route      string  `json:"route"`
	Utterance  string  `json:"utterance"`
	Similarity float64 `json:"similarity"`
}

// wrongs are ordered worst first: the surest of the accepted ones, then the
// surest of the abstained ones.
func wrongs(seen []observation) []Wrong {
	found := []Wrong{}
	for i := range seen {
		if o := &seen[i]; !o.right() {
			found = append(found, o.wrong())
		}
	}
	slices.SortStableFunc(found, func(a, b Wrong) int {
		if x, y := a.Kind == WrongAbstained, b.Kind == WrongAbstained; x != y {
			if x {
				return 1
			}
			return -1
		}
		return cmp.Compare(b.Confidence, a.Confidence)
	})
	return found
}

func (o *observation) wrong() Wrong {
	w := Wrong{
		Line:       o.Line,
		Text:       o.Text,
		Kind:       WrongRoute,
		Truth:      o.Route,
		Predicted:  o.decision.Route,
		Leading:    o.leading,
		Confidence: o.score,
		Reason:     string(o.decision.Reason),
		Nearest:    make([]Nearest, len(o.decision.Matches)),
	}
	switch {
	case !o.inScope():
		w.Kind = WrongAccepted
	case !o.accepted():
		w.Kind = WrongAbstained
	}
	for i, m := range o.decision.Matches {
		w.Nearest[i] = Nearest{Route: m.Route, Utterance: m.Utterance, Similarity: float64(m.Similarity)}
	}
	return w
}
