package classify

import (
	"slices"

	"github.com/semroute/semroute/internal/vec"
)

// maxNoneExamples bounds how many of the examples without a route are kept to
// compare prompts with.
const maxNoneExamples = 512

// noneSlope is by how much the log odds of being known fall for each unit
// of similarity by which an example without a route is nearer than every
// utterance. At 0.1 nearer, known falls to about a seventh.
const noneSlope = 20

// strangers are the vectors of texts that no route fits, row by row.
type strangers struct {
	dim  int
	rows []float32
}

// newNoneExamples are the `none:` examples.
func newNoneExamples(e *Examples) strangers {
	s := strangers{dim: len(e.Vectors[0])}
	for i, label := range e.Labels {
		if label == None && len(s.rows) < maxNoneExamples*s.dim {
			s.rows = append(s.rows, e.Vectors[i]...)
		}
	}
	return s
}

// count is the number of vectors.
func (s *strangers) count() int { return len(s.rows) / max(1, s.dim) }

// nearest is the highest similarity to one of them, -1 without any. sims is
// room for one number each.
func (s *strangers) nearest(vector, sims []float32) float32 { return s.nearestBut(-1, vector, sims) }

// nearestBut is nearest without the one at place self.
func (s *strangers) nearestBut(self int, vector, sims []float32) float32 {
	if len(s.rows) == 0 {
		return -1
	}
	sims = sims[:s.count()]
	vec.DotRows(sims, s.rows, s.dim, vector)
	if self >= 0 {
		sims[self] = -1
	}
	return slices.Max(sims)
}

// doubt is by how much the log odds of being known fall because a none: example is
// nearer than every utterance.
func doubt(o *opinion) float64 { return noneSlope * max(0, o.nearestNone-o.nearest) }
