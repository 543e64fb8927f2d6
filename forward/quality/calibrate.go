package quality

// calibration turns a regression's value into an expected quality in [0, 1]: a
// straight line, cut off at both ends. All models share the slope, so that the
// differences between them, which a choice depends on, keep their order; for
// the same reason it is no logistic curve.
type calibration struct {
	Offset float64 `json:"offset"`
	Slope  float64 `json:"slope"`
}

// The slope is held within bounds, so that the order of prompts is kept even
// where the regressions are no good.
const (
	leastSlope = 0.05
	mostSlope  = 1.25
)

func (c calibration) apply(x float64) float64 { return min(max(c.Offset+c.Slope*x, 0), 1) }

// calibrate fits the lines, by least squares, to the predictions for prompts
// that the regressions had not seen.
func (t *training) calibrate(predictions [][]float64) []calibration {
	var xx, xy float64
	lines := make([]calibration, len(t.names))
	centers := make([][2]float64, len(t.names))
	for m := range t.names {
		var n, x, y float64
		for row, known := range t.known[m] {
			if known {
				n++
				x += predictions[m][row]
				y += t.scores[m][row]
			}
		}
		centers[m] = [2]float64{x / n, y / n}
		for row, known := range t.known[m] {
			if known {
				dx := predictions[m][row] - x/n
				xx += dx * dx
				xy += dx * (t.scores[m][row] - y/n)
			}
		}
	}
	slope := leastSlope
	if xx > 0 {
		slope = min(max(xy/xx, leastSlope), mostSlope)
	}
	for m, c := range centers {
		lines[m] = calibration{Offset: c[1] - slope*c[0], Slope: slope}
	}
	return lines
}
