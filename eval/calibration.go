package eval

import "math"

// CalibrationBins is the number of bins of the expected calibration error.
const CalibrationBins = 15

// ReliabilityBin compares confidence and accuracy of the in-scope prompts
// whose confidence is in [From, To), the last bin holding 1 too.
type ReliabilityBin struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
	N    int     `json:"n"`
	// Confidence and Accuracy are means over the bin; nil when it is empty.
	Confidence *float64 `json:"confidence"`
	Accuracy   *float64 `json:"accuracy"`
}

// calibration gives the bins and the expected calibration error: the distance
// of mean confidence and accuracy, weighted by the bins' sizes.
func calibration(seen []observation) ([]ReliabilityBin, *float64) {
	bins := make([]ReliabilityBin, CalibrationBins)
	confidence, right := make([]float64, CalibrationBins), make([]int, CalibrationBins)
	total := 0
	for i := range seen {
		o := &seen[i]
		if !o.inScope() {
			continue
		}
		b := bin(o.score, CalibrationBins)
		bins[b].N++
		confidence[b] += o.score
		if o.leadsRight() {
			right[b]++
		}
		total++
	}
	var gap float64
	for b := range bins {
		bins[b].From, bins[b].To = float64(b)/CalibrationBins, float64(b+1)/CalibrationBins
		if bins[b].N == 0 {
			continue
		}
		mean := confidence[b] / float64(bins[b].N)
		bins[b].Confidence, bins[b].Accuracy = &mean, Share(right[b], bins[b].N)
		gap += math.Abs(mean-*bins[b].Accuracy) * float64(bins[b].N)
	}
	if total == 0 {
		return bins, nil
	}
	gap /= float64(total)
	return bins, &gap
}
