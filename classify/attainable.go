package classify

// usefulShare is the share of prompts that a promise must accept to be worth
// proposing.
const usefulShare = 0.5

// AttainablePrecision is the highest precision, in whole hundredths, that
// PromisePrecision keeps while accepting at least half of the predictions, with
// that promise. Where none does it is the highest that is kept at all; ok is
// false when nothing can be promised.
func AttainablePrecision(predictions []Prediction) (precision float64, promise Promise, ok bool) {
	for hundredths := 99; hundredths >= 50; hundredths-- {
		asked := float64(hundredths) / 100
		p := PromisePrecision(predictions, asked)
		if !p.Kept {
			continue
		}
		if p.Coverage >= usefulShare {
			return asked, p, true
		}
		if !ok {
			precision, promise, ok = asked, p, true
		}
	}
	return precision, promise, ok
}
