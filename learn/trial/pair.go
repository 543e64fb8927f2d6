package trial

import (
	"math"
)

// pair is the e-process of two arms. Outcomes are taken in blocks of na of the one
// and nb of the other, in the order in which each arm's came; within a block, the
// likelihood by the shares that the blocks before let expect is held against that
// by one share for both, their mean with the weights na and nb.
type pair struct {
	a, b side
	log  float64 // of the e-process
	best float64 // the largest it ever was
}

// side is one arm of a pair.
type side struct {
	model   string
	size    int    // of its part of a block
	waiting []bool // outcomes for the next blocks
	n, k    float64
}

// prior is how many successes, and failures, each arm begins with: it is the one
// that Turner et al. recommend.
const prior = 0.18

// maxBlock bounds how uneven a block can be.
const maxBlock = 20

func newPair(a, b *Arm) *pair {
	p := &pair{a: side{model: a.Model, size: 1}, b: side{model: b.Model, size: 1}}
	more, less := &p.a, &p.b
	high, low := a.Weight, b.Weight
	if high < low {
		more, less, high, low = less, more, low, high
	}
	less.size = 1
	more.size = min(maxBlock, max(1, int(math.Round(float64(high)/float64(low)))))
	return p
}

func (p *pair) add(model string, success bool) {
	switch model {
	case p.a.model:
		p.a.waiting = append(p.a.waiting, success)
	case p.b.model:
		p.b.waiting = append(p.b.waiting, success)
	default:
		return
	}
	for len(p.a.waiting) >= p.a.size && len(p.b.waiting) >= p.b.size {
		p.block()
	}
}

func (p *pair) block() {
	qa, qb := p.a.expected(), p.b.expected()
	na, nb := float64(p.a.size), float64(p.b.size)
	same := (na*qa + nb*qb) / (na + nb)
	p.log += p.a.take(qa, same) + p.b.take(qb, same)
	p.best = max(p.best, p.log)
}

// expected is the share that the blocks before let expect.
func (s *side) expected() float64 { return (s.k + prior) / (s.n + 2*prior) }

// take takes the outcomes of a block and gives the logarithm of their likelihood by
// q against that by same.
func (s *side) take(q, same float64) (log float64) {
	for _, success := range s.waiting[:s.size] {
		if s.n++; success {
			s.k++
			log += math.Log(q / same)
		} else {
			log += math.Log((1 - q) / (1 - same))
		}
	}
	s.waiting = s.waiting[s.size:]
	return log
}

// interval is the confidence sequence of a share after k successes of n, at level
// alpha: all shares under which the observed sequence is not less likely than
// alpha times its likelihood by a mixture with a Beta(½, ½) prior.
func interval(k, n int64, alpha float64) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	x, m := float64(k), float64(n)
	mixture := logBeta(x+0.5, m-x+0.5) - logBeta(0.5, 0.5)
	inside := func(p float64) bool {
		return mixture-(xlogy(x, p)+xlogy(m-x, 1-p)) < math.Log(1/alpha)
	}
	mean := x / m
	return boundary(0, mean, inside), boundary(1, mean, inside)
}

// boundary is where, between a share outside and one inside, the interval begins.
func boundary(outside, within float64, inside func(float64) bool) float64 {
	if inside(outside) {
		return outside
	}
	for range 60 {
		if middle := (outside + within) / 2; inside(middle) {
			within = middle
		} else {
			outside = middle
		}
	}
	return within
}

// xlogy is x·log(y), 0 where x is.
func xlogy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}

func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}
