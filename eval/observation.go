package eval

import (
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// observation is one labelled prompt with what was decided for it.
type observation struct {
	routes.Labelled
	decision *router.Decision
	// Leading is the route with abstention off, empty when none was considered.
	leading string
	// score is the confidence in leading, 0 when there is none.
	score float64
}

func observe(prompts []routes.Labelled, decisions []router.Decision) []observation {
	seen := make([]observation, len(prompts))
	for i := range prompts {
		d := &decisions[i]
		o := observation{Labelled: prompts[i], decision: d, leading: Leading(d)}
		if o.leading != "" {
			o.score = min(d.Confidence, 1)
		}
		seen[i] = o
	}
	return seen
}

// Leading is what the decision would be with abstention off.
func Leading(d *router.Decision) string {
	if d.Route != "" || len(d.Candidates) == 0 {
		return d.Route
	}
	return d.Candidates[0].Route
}

func (o *observation) inScope() bool  { return o.Route != "" }
func (o *observation) accepted() bool { return o.decision.Route != "" }

// leadsRight says that the leading route is the label's; never out of scope.
func (o *observation) leadsRight() bool { return o.inScope() && o.leading == o.Route }

// right says that the decision as it was made is the one the label asks for.
func (o *observation) right() bool { return o.decision.Route == o.Route }

// split gives the scores of in-scope and out-of-scope prompts.
func split(seen []observation) (in, out []float64) {
	for i := range seen {
		if seen[i].inScope() {
			in = append(in, seen[i].score)
		} else {
			out = append(out, seen[i].score)
		}
	}
	return in, out
}
