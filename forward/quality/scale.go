package quality

import "math"

// maxDeviation is how many standard deviations a shape or cue counts for at most.
const maxDeviation = 4

// scaler brings descriptions to a common scale: every block of dense features
// has mean 0 and the same weight as a whole, the n-grams have mean 0.
type scaler struct {
	Vector   int       `json:"vector"` // length of the embedding
	Mean     []float64 `json:"mean"`
	Factor   []float64 `json:"factor"`
	GramMean []float64 `json:"gram_mean"`
}

// fitScaler learns means and deviations.
func fitScaler(rows []description, vector int) scaler {
	s := scaler{Vector: vector, GramMean: make([]float64, 1<<gramBits)}
	width := len(rows[0].dense)
	s.Mean, s.Factor = make([]float64, width), make([]float64, width)
	n := float64(len(rows))
	for _, row := range rows {
		for j, x := range row.dense {
			s.Mean[j] += x / n
		}
		for _, g := range row.grams {
			s.GramMean[g.bucket] += g.value / n
		}
	}
	for _, row := range rows {
		for j, x := range row.dense {
			s.Factor[j] += (x - s.Mean[j]) * (x - s.Mean[j]) / n
		}
	}
	for j, variance := range s.Factor {
		s.Factor[j] = 0
		if variance > 1e-18 {
			s.Factor[j] = 1 / math.Sqrt(variance*float64(s.blockSize(j)))
		}
	}
	return s
}

// blockSize is how many features share a block with feature j.
func (s *scaler) blockSize(j int) int {
	switch {
	case j < s.Vector:
		return s.Vector
	case j < s.Vector+shapes:
		return shapes
	}
	return len(cues)
}

// apply scales the dense features in place.
func (s *scaler) apply(d description) description {
	for j, x := range d.dense {
		x = (x - s.Mean[j]) * s.Factor[j]
		if j >= s.Vector {
			limit := maxDeviation / math.Sqrt(float64(s.blockSize(j)))
			x = min(max(x, -limit), limit)
		}
		d.dense[j] = x
	}
	return d
}

// clone copies what apply changes.
func (d description) clone() description {
	return description{dense: append([]float64(nil), d.dense...), grams: d.grams}
}
