package ollama

import (
	"sync"
	"time"
)

const (
	// usualWork is how long a server should be at work on the texts of one
	// request: long beside its overhead, short for somebody whose prompt waits
	// behind it.
	usualWork = 2 * time.Second
	// growth bounds how much larger a request may be than the one before.
	growth = 4
	// forgetting is what an observation counts beside the next one.
	forgetting = 0.8
	// leastVariance is how much the numbers of texts must differ, relative to
	// their mean's square, for a line to be drawn through the observations.
	leastVariance = 0.01
	// rounding makes good what the sums lose.
	rounding = 1e-6
)

// batchSize chooses how many texts a request carries by the speed seen: one at
// first, then as many as the server does in the usual time. What each text
// costs is told from what each request costs, as waiting for other users of the
// server, by a straight line through the requests seen lately: where only
// waiting takes long, many texts go together. It is safe for concurrent use.
type batchSize struct {
	most        int
	work, limit time.Duration // of a request: on its texts, and in all

	mu   sync.Mutex // protects what follows
	size int
	seen observations
}

func newBatchSize(most int, timeout time.Duration) *batchSize {
	return &batchSize{most: most, work: min(usualWork, timeout/4), limit: timeout / 2, size: 1}
}

// next is how many texts the next request carries at most.
func (p *batchSize) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size
}

// took notes how long a request of so many texts took.
func (p *batchSize) took(texts int, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen.add(float64(texts), d.Seconds())
	each, fixed, sure := p.seen.line()
	fits := float64(p.most)
	if each > 0 {
		fits = min(fits, p.work.Seconds()/each, (p.limit.Seconds()-fixed)/each)
	}
	if !sure && texts == p.size && 2*d <= p.limit {
		fits = max(fits, float64(2*texts)) // shows what more texts cost
	}
	largest := p.size // one smaller than that says nothing of larger ones
	if texts >= p.size {
		largest = growth * texts
	}
	p.size = max(1, min(int(fits+rounding), largest, p.most))
}

// stalled notes that a request was not answered in time.
func (p *batchSize) stalled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size, p.seen = 1, observations{}
}

// observations are weighted sums over requests: of their texts, of the squares
// of those, of the seconds they took, and of both multiplied.
type observations struct{ weight, texts, squares, seconds, products float64 }

func (o *observations) add(texts, seconds float64) {
	o.weight = o.weight*forgetting + 1
	o.texts = o.texts*forgetting + texts
	o.squares = o.squares*forgetting + texts*texts
	o.seconds = o.seconds*forgetting + seconds
	o.products = o.products*forgetting + texts*seconds
}

// line is the least squares' line: seconds for each text, and those that every
// request takes. Where requests hardly differ in size it is not sure: all is
// then put down to the texts.
func (o *observations) line() (each, fixed float64, sure bool) {
	variance := o.weight*o.squares - o.texts*o.texts
	if variance < leastVariance*o.texts*o.texts {
		return o.seconds / o.texts, 0, false
	}
	each = max(0, (o.weight*o.products-o.texts*o.seconds)/variance)
	return each, max(0, (o.seconds-each*o.texts)/o.weight), true
}
