package classify

import "math"

// calibration turns the log odds of fusion and gate into the probability that
// the decision is right: sigmoid(slope × both + shift), after Platt 1999.
type calibration struct{ slope, shift float64 }

// joint is the log odds that the prompt is known and its route is the best one,
// taking the two ways to be wrong as exclusive.
func joint(odds, known float64) float64 {
	return -(softplusLog(-odds, -known-outsideOdds))
}

// softplusLog is ln(e^a + e^b).
func softplusLog(a, b float64) float64 { return max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b))) }

// confidence is strictly between 0 and 1.
func (c calibration) confidence(both float64) float64 {
	return min(1-1e-6, max(1e-6, sigmoid(c.slope*both+c.shift)))
}

// fitCalibration learns from held-out log odds whether they were right. Few
// examples leave the odds as they are.
func fitCalibration(both []float64, right []bool) calibration {
	if len(both) == 0 {
		return calibration{slope: 1}
	}
	xs := make([][]float64, len(both))
	target, weight := make([]float64, len(both)), make([]float64, len(both))
	for i, b := range both {
		xs[i], weight[i] = []float64{b}, 1
		if right[i] {
			target[i] = 1
		}
	}
	prior := 1 / float64(len(both))
	w := logistic(xs, target, weight, []float64{1, 0}, []float64{prior, prior})
	if w[0] < 0.05 {
		// Higher odds were not better: too little to learn from.
		return calibration{slope: 1}
	}
	return calibration{w[0], w[1]}
}
