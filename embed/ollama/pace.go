package ollama

import (
	"sync"
	"time"
)

const (
	// usualDuration is what a request with many texts should take: long beside
	// its overhead, short for somebody whose prompt waits behind it.
	usualDuration = 2 * time.Second
	// timeoutShare keeps requests that far below their timeout.
	timeoutShare = 4
	// growth bounds how much larger a request may be than the one before.
	growth = 4
)

// pace chooses how many texts a request carries by the speed seen: one at
// first, then as many as the server does in the usual duration. It is safe for
// concurrent use.
type pace struct {
	most   int
	target time.Duration

	mu   sync.Mutex // protects size
	size int
}

func newPace(most int, timeout time.Duration) *pace {
	return &pace{most: most, target: min(usualDuration, timeout/timeoutShare), size: 1}
}

// next is how many texts the next request carries at most.
func (p *pace) next() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size
}

// took notes how long a request of so many texts took. One that was small and
// quick says little of larger ones.
func (p *pace) took(texts int, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if texts < p.size && d <= p.target {
		return
	}
	fits := float64(p.most)
	if d > 0 {
		fits = min(fits, float64(texts)*float64(p.target)/float64(d))
	}
	p.size = max(1, min(int(fits), growth*texts))
}

// stalled notes that a request was not answered in time.
func (p *pace) stalled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size = 1
}
