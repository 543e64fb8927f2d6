package classify

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// maxForeign bounds how many prompts of the background a prompt is compared
// with.
const maxForeign = 1024

const (
	// A prompt of the background resembles the catalog if it is as near to an
	// utterance as all but a tenth of the held-out ones, and the head as sure of
	// it as of all but a quarter of them.
	resemblingNear = 0.10
	resemblingSure = 0.25
	// A subject is left out whole where so many of its prompts resemble the
	// catalog: the catalog is about it, and the others of its prompts may be the
	// catalog's own, put another way.
	resemblingShare = 0.2
	// mostLeftOut is the share of the background that such subjects may make up.
	mostLeftOut = 0.5
)

// observeBackground gathers the evidence on the background. The n-grams' weight
// is that of s.
func (t *trainer) observeBackground(weights []float32, s settings) []evidence {
	b := &t.examples.Background
	if len(b.Texts) == 0 {
		return nil
	}
	p := newProblem(&Examples{Routes: t.examples.Routes, Texts: b.Texts, Vectors: b.Vectors}, t.vocab, t.mean).scaled(s.scale)
	list := make([]evidence, len(b.Texts))
	z := make([]float32, p.stride)
	none := make([]float32, t.none.count())
	var sims []float32
	for i := range list {
		clear(z)
		p.score(z, weights, i)
		e := &list[i]
		e.place, e.nearestForeign, e.nearestNone = int32(i), -1, t.none.nearest(b.Vectors[i], none)
		var leaders [Leaders]Leader
		for _, l := range leaders[:lead(&leaders, z[:p.routes])] {
			near := t.groups.find(l.Route, b.Vectors[i], -1, &sims)
			e.set(e.n, l, &near)
			e.n++
		}
	}
	return list
}

// notResembling leaves out the prompts of the background, and its subjects, that
// resemble the held-out examples.
func (t *trainer) notResembling(held, beside []evidence) []evidence {
	var near, sure []float32
	for i := range held {
		if held[i].n > 0 {
			near, sure = append(near, held[i].nearest()), append(sure, held[i].x[0][0])
		}
	}
	if len(near) == 0 || len(beside) == 0 {
		return nil
	}
	leastNear, leastSure := quantile(near, resemblingNear), quantile(sure, resemblingSure)
	resembles := func(e *evidence) bool { return e.nearest() >= leastNear && e.x[0][0] >= leastSure }
	out := t.resemblingSubjects(beside, resembles)
	return slices.DeleteFunc(beside, func(e evidence) bool {
		return resembles(&e) || out[t.examples.Background.Subjects[e.place]]
	})
}

// resemblingSubjects says which subjects are left out whole, those with the most
// resembling prompts first.
func (t *trainer) resemblingSubjects(beside []evidence, resembles func(*evidence) bool) map[int32]bool {
	size, like := map[int32]int{}, map[int32]int{}
	for i := range beside {
		subject := t.examples.Background.Subjects[beside[i].place]
		size[subject]++
		if resembles(&beside[i]) {
			like[subject]++
		}
	}
	share := func(subject int32) float64 { return float64(like[subject]) / float64(size[subject]) }
	var order []int32
	for subject := range size {
		if share(subject) >= resemblingShare {
			order = append(order, subject)
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(a, b))
	})
	out, left := map[int32]bool{}, 0
	for _, subject := range order {
		if left += size[subject]; float64(left) > mostLeftOut*float64(len(beside)) {
			break
		}
		out[subject] = true
	}
	return out
}

// nearest is the highest similarity to an utterance of a leading route.
func (e *evidence) nearest() float32 {
	top := float32(math.Inf(-1))
	for _, x := range e.x[:e.n] {
		top = max(top, x[1])
	}
	return top
}

// compareWith draws the prompts of the background that every prompt is compared
// with, and compares the background with them.
func (t *trainer) compareWith(beside []evidence) {
	vectors := t.examples.Background.Vectors
	t.foreign = strangers{dim: len(t.mean)}
	at := make(map[int32]int)
	drawn := rand.New(rand.NewPCG(t.config.Seed, 0xf0e1)).Perm(len(beside))
	for _, k := range drawn[:min(len(drawn), t.config.Foreign)] {
		at[beside[k].place] = t.foreign.count()
		t.foreign.rows = append(t.foreign.rows, vectors[beside[k].place]...)
	}
	t.compare(beside, vectors, at)
}

// compare fills in the similarity of the nearest drawn prompt; at says which of
// the list are drawn themselves.
func (t *trainer) compare(list []evidence, vectors [][]float32, at map[int32]int) {
	sims := make([]float32, t.foreign.count())
	for i := range list {
		e := &list[i]
		if e.n == 0 {
			continue
		}
		self, ok := at[e.place]
		if !ok {
			self = -1
		}
		e.nearestForeign = t.foreign.nearestBut(self, vectors[e.place], sims)
	}
}
