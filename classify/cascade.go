package classify

import (
	"cmp"
	"math"
	"slices"
)

// Cascade says when a cheap model in front may answer instead of the model
// behind it.
type Cascade struct {
	Threshold float32 // of the front's confidence; infinite if it may never answer
	Share     float64 // of the prompts that the front answers
	Loss      float64 // accuracy lost on the held-out examples; negative if gained
}

// SafeCascade finds the lowest confidence of the front from which on its
// decisions cost at most maxLoss of accuracy (0.003 is 0.3 points) and are at most
// maxShare of all. front and back are the held-out predictions of both on the same
// examples; examples that only one has are left out. Prompts differ from utterances more than utterances from
// each other: the loss plus one standard error must stay within 0.8 of what is
// allowed and within a twentieth of the errors of back (a gain is not counted
// on), and front must be surer than leastSure.
func SafeCascade(front, back []Prediction, maxLoss, maxShare float64) Cascade {
	type pair struct {
		confidence float32
		loss       float64
	}
	behind := make(map[int32]*Prediction, len(back))
	for i := range back {
		behind[back[i].Example] = &back[i]
	}
	var pairs []pair
	errors := 0.0
	for i := range front {
		b := behind[front[i].Example]
		if b == nil || front[i].Label == None {
			continue
		}
		errors += 1 - hit(b)
		pairs = append(pairs, pair{front[i].Confidence, hit(b) - hit(&front[i])})
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.confidence, a.confidence) })
	best := Cascade{Threshold: float32(math.Inf(1))}
	n := float64(len(pairs))
	allowed := min(0.8*maxLoss, errors/n/20)
	sum, square := 0.0, 0.0
	for i, p := range pairs {
		if p.confidence < leastSure || float64(i+1) > maxShare*n {
			break
		}
		sum += p.loss
		square += p.loss * p.loss
		if i+1 < len(pairs) && pairs[i+1].confidence == p.confidence {
			continue
		}
		loss := sum / n
		// One disagreement more than was seen keeps the error from being 0.
		deviation := math.Sqrt((square+1)/n-loss*loss) / math.Sqrt(n)
		if max(loss, 0)+deviation <= allowed {
			best = Cascade{p.confidence, float64(i+1) / n, loss}
		}
	}
	return best
}

// leastSure is the lowest threshold of a front.
const leastSure = 0.75

func hit(p *Prediction) float64 {
	if p.Right() {
		return 1
	}
	return 0
}
