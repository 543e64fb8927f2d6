package classify

// PromiseAt says what accepting a confidence of at least threshold keeps,
// measured on the predictions as PromisePrecision does.
func PromiseAt(predictions []Prediction, threshold float32, precision float64) Promise {
	p := Promise{Threshold: threshold}
	right := 0
	for i := range predictions {
		if predictions[i].Confidence < threshold {
			continue
		}
		p.Accepted++
		if predictions[i].Right() {
			right++
		}
	}
	if p.Accepted == 0 {
		return p
	}
	p.Coverage = float64(p.Accepted) / float64(len(predictions))
	p.Precision = float64(right) / float64(p.Accepted)
	p.Bound = lowerBound(right, p.Accepted)
	p.Kept = p.Bound >= precision
	return p
}
