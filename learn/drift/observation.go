package drift

import (
	"math"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Observation is what is looked at of a decision.
type Observation struct {
	// Route is "" where none was chosen.
	Route string
	// Confidence is in [0, 1]. Similarity is that of the nearest utterance, a
	// cosine; one below 0 counts as 0.
	Confidence, Similarity float64
	// Fingerprint is that of the generation which decided.
	Fingerprint string
}

// Observe is what a decision shows of its prompt. False stands for one that shows
// nothing: a rule made it, the prompt was empty, or it had to do without
// something.
func Observe(d *router.Decision) (Observation, bool) {
	if d.Stage == router.StageRule || d.Reason == router.ReasonRule || d.Reason == router.ReasonEmpty || len(d.Degraded) > 0 {
		return Observation{}, false
	}
	return Observation{Route: d.Route, Confidence: d.Confidence, Similarity: d.Nearest, Fingerprint: d.Fingerprint}, true
}

// value brings a number into [0, 1]; what is no number is 0.
func value(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return min(1, max(0, x))
}

// Tally sums up observations into a reference.
type Tally struct {
	n          int
	abstained  int
	confidence sums
	similarity sums
	routes     map[string]int
}

// sums are those of a number and of its square.
type sums struct{ x, square float64 }

func (s *sums) add(x float64) { s.x, s.square = s.x+x, s.square+x*x }

func (s *sums) moments(n int) routes.Moments {
	mean := s.x / float64(n)
	return routes.Moments{Mean: mean, Deviation: math.Sqrt(max(0, s.square/float64(n)-mean*mean))}
}

// Add counts an observation.
func (t *Tally) Add(o *Observation) {
	t.n++
	t.confidence.add(value(o.Confidence))
	t.similarity.add(value(o.Similarity))
	if o.Route == "" {
		t.abstained++
		return
	}
	if t.routes == nil {
		t.routes = map[string]int{}
	}
	t.routes[o.Route]++
}

// N is how many observations were counted.
func (t *Tally) N() int { return t.n }

// Reference is what was counted, nil of nothing.
func (t *Tally) Reference(from routes.ReferenceSource) *routes.Reference {
	if t.n == 0 {
		return nil
	}
	r := &routes.Reference{
		From: from, Prompts: t.n, Abstained: rounded(float64(t.abstained) / float64(t.n)),
		Confidence: roundedMoments(t.confidence.moments(t.n)), Similarity: roundedMoments(t.similarity.moments(t.n)),
		Shares: make(map[string]float64, len(t.routes)),
	}
	for name, n := range t.routes {
		r.Shares[name] = rounded(float64(n) / float64(t.n))
	}
	return r
}

// rounded keeps six digits, more than any reference can know.
func rounded(x float64) float64 { return math.Round(x*1e6) / 1e6 }

func roundedMoments(m routes.Moments) routes.Moments {
	return routes.Moments{Mean: rounded(m.Mean), Deviation: rounded(m.Deviation)}
}
