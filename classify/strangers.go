package classify

import (
	"slices"

	"github.com/semroute/semroute/internal/vec"
)

// maxStrangers bounds how many of the examples without a route are kept to
// compare prompts with.
const maxStrangers = 512

// strangerSlope is by how much the log odds of being known fall for each unit
// of similarity by which an example without a route is nearer than every
// utterance. At 0.1 nearer, known falls to about a seventh.
const strangerSlope = 20

// strangers are the vectors of examples that no route fits, row by row.
type strangers struct {
	dim  int
	rows []float32
}

func newStrangers(e *Examples) strangers {
	s := strangers{dim: len(e.Vectors[0])}
	for i, label := range e.Labels {
		if label == None && len(s.rows) < maxStrangers*s.dim {
			s.rows = append(s.rows, e.Vectors[i]...)
		}
	}
	return s
}

// nearest is the highest similarity to a stranger, -1 without any. sims is
// room for one number a stranger.
func (s *strangers) nearest(vector, sims []float32) float32 {
	if len(s.rows) == 0 {
		return -1
	}
	sims = sims[:len(s.rows)/s.dim]
	vec.DotRows(sims, s.rows, s.dim, vector)
	return slices.Max(sims)
}

// doubt is by how much the log odds of being known fall because a stranger is
// nearer than every utterance.
func doubt(o *opinion) float64 { return strangerSlope * max(0, o.stranger-o.nearest) }
