package systemone

import (
	"strconv"

	"github.com/semroute/semroute/router"
)

// answer is the answer to one question in the protocol's words, with what it does
// not have of its own behind them.
type answer struct {
	Type          string             `json:"type"`
	Noul          *float64           `json:"noul,omitempty"`
	Choice        string             `json:"choice,omitempty"`
	Score         *float64           `json:"score,omitempty"`
	Confidence    *float64           `json:"confidence,omitempty"`
	Legend        map[string]string  `json:"legend,omitempty"`
	Probabilities map[string]float64 `json:"probabilities,omitempty"`
	// Calibrated says whether the probabilities are the router's, which are as often
	// right as they say.
	Calibrated bool `json:"calibrated"`
	// Abstained says that the router would have chosen no route, and why.
	Abstained bool   `json:"abstained,omitempty"`
	Reason    string `json:"reason,omitempty"`
	// Unsupported says that the question cannot be answered here, and why.
	Unsupported string `json:"unsupported,omitempty"`
}

// unknowable is the answer to a yes-or-no question: the protocol's own word for not
// knowing, with the reason beside it. Questions about routes in the same request
// keep their answers.
func unknowable() answer {
	return answer{Type: noul, Noul: new(0.5), Unsupported: "whether a statement is true cannot be told by nearness; ask a choice among routes"}
}

// The kinds of questions.
const (
	choice = "choice"
	score  = "score"
	noul   = "noul"
)

// way is how a question can be answered.
type way uint8

const (
	byRoutes  way = iota // by the router
	byTexts              // by how near the state is to the options' texts
	byNothing            // there is nothing to go by
)

// unsupportedError is a question that cannot be answered honestly.
type unsupportedError struct {
	path []string
	why  string
}

// Error implements error.
func (e *unsupportedError) Error() string { return e.why }

// wayOf says how the question can be answered.
func (q *question) wayOf(routes map[string]bool) (way, error) {
	path := []string{"questions", q.name}
	switch {
	case q.kind == noul:
		return byNothing, nil
	case q.kind != choice && q.kind != score:
		return 0, &unsupportedError{path, "unsupported: questions of the types choice, score and noul are read here"}
	case len(q.options) < 2:
		return 0, &unsupportedError{path, "unsupported: a question needs at least two options"}
	}
	named, told := 0, 0
	without := ""
	for _, o := range q.options {
		if q.kind == choice && routes[routeOf(o.name)] {
			named++
		} else if without == "" {
			without = o.name
		}
		if o.text != "" {
			told++
		}
	}
	switch {
	case named == len(q.options):
		return byRoutes, nil
	case told == len(q.options):
		return byTexts, nil
	}
	return 0, &unsupportedError{append(path, "criteria", without),
		"unsupported: the catalog has no route of this name; name routes only, or give every option a description to be compared with"}
}

// routed is the answer by the router's probabilities, those of the options
// together being 1. The confidence is that the choice is right among all routes.
func routed(q *question, d *router.Decision) answer {
	of := map[string]float64{}
	for _, c := range d.Candidates {
		of[c.Route] = c.Probability
	}
	p := make([]float64, len(q.options))
	sum := 0.0
	for i, o := range q.options {
		p[i] = of[routeOf(o.name)]
		sum += p[i]
	}
	best := highest(p)
	confidence := p[best]
	a := answer{Type: choice, Choice: q.options[best].name, Confidence: &confidence, Calibrated: true, Abstained: d.Abstained, Reason: string(d.Reason)}
	for i := range p {
		if sum > 0 {
			p[i] /= sum
		} else {
			p[i] = 1 / float64(len(p))
		}
	}
	a.Probabilities = q.byName(p)
	return a
}

// answered is the answer by shares that come from no utterance.
func (q *question) answered(p []float64) answer {
	best := highest(p)
	a := answer{Type: q.kind, Confidence: &p[best], Probabilities: q.byName(p)}
	if q.kind == choice {
		a.Choice = q.options[best].name
		return a
	}
	expected := 0.0
	a.Legend = map[string]string{}
	for i, o := range q.options {
		level, _ := strconv.Atoi(o.name) // we have named it
		expected += float64(level) * p[i]
		a.Legend[o.name] = o.text
	}
	a.Score = &expected
	return a
}

// byName are the probabilities of the options by name.
func (q *question) byName(p []float64) map[string]float64 {
	out := make(map[string]float64, len(p))
	for i, o := range q.options {
		out[o.name] = p[i]
	}
	return out
}

// highest is the place of the highest, the first of equal ones.
func highest(p []float64) int {
	best := 0
	for i := range p {
		if p[i] > p[best] {
			best = i
		}
	}
	return best
}
