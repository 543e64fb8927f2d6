package eval

import "slices"

// auroc is the chance that a random one of the positives scores above a random
// one of the negatives, equal scores counting half; nil when either is empty.
// It is computed from ranks in n log n.
func auroc(positives, negatives []float64) *float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return nil
	}
	pos, neg := slices.Sorted(slices.Values(positives)), slices.Sorted(slices.Values(negatives))
	var wins float64
	below, upTo := 0, 0 // negatives below the positive, and below or equal to it
	for _, p := range pos {
		for below < len(neg) && neg[below] < p {
			below++
		}
		for upTo < len(neg) && neg[upTo] <= p {
			upTo++
		}
		wins += float64(below+upTo) / 2
	}
	area := wins / (float64(len(pos)) * float64(len(neg)))
	return &area
}

// HistogramBins is the number of bins of equal width over [0, 1].
const HistogramBins = 20

// Histogram counts confidences in 20 bins of equal width over [0, 1]; the last
// holds 1 too.
type Histogram struct {
	InScope    []int `json:"in_scope"`
	OutOfScope []int `json:"out_of_scope"`
}

func histogram(in, out []float64) Histogram {
	return Histogram{InScope: countBins(in), OutOfScope: countBins(out)}
}

func countBins(scores []float64) []int {
	counts := make([]int, HistogramBins)
	for _, s := range scores {
		counts[bin(s, HistogramBins)]++
	}
	return counts
}

// bin is the index of the bin of equal width over [0, 1] that holds x.
func bin(x float64, bins int) int {
	return min(max(int(x*float64(bins)), 0), bins-1)
}
