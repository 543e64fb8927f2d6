package distill

// smoothing is the share of text below which a token counts fully; more
// frequent tokens count less, as smooth inverse frequency has it.
const smoothing = 1e-3

// weigh subtracts the mean of all tokens, which says nothing about any of
// them, and multiplies each by a weight that falls with its frequency. The
// frequency is guessed from the rank by Zipf's law.
func weigh(tokens [][]float64, e entries) {
	mean, total, present := meanOf(tokens), 0.0, 0
	for i, token := range tokens {
		if token != nil {
			total += zipf(e.ranks[i])
			present++
		}
	}
	if present == 0 {
		return
	}
	for i, token := range tokens {
		weight := smoothing / (smoothing + zipf(e.ranks[i])/total)
		for k := range token {
			token[k] = (token[k] - mean[k]) * weight
		}
	}
}

// zipf is the frequency of the word of a rank, to a constant factor.
func zipf(rank int) float64 { return 1 / (float64(rank) + 2.7) }

// meanOf is the mean of the vectors that are there.
func meanOf(vectors [][]float64) []float64 {
	var mean []float64
	count := 0.0
	for _, vector := range vectors {
		if vector == nil {
			continue
		}
		if mean == nil {
			mean = make([]float64, len(vector))
		}
		for k, x := range vector {
			mean[k] += x
		}
		count++
	}
	for k := range mean {
		mean[k] /= count
	}
	return mean
}
