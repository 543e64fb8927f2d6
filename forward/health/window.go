package health

import (
	"sync"
	"time"
)

// windowMemory is how long it counts that a prompt was too long: the server may
// be set up anew meanwhile.
const windowMemory = time.Hour

// window is how long a prompt a model would not take.
type window struct {
	mu      sync.Mutex // protects the fields below
	refused int64      // tokens, 0 when none was
	at      time.Time
}

// Refused books that the model called a request of so many tokens too long.
// named is the window that it spoke of, 0 where it named none. Both are kept as
// one bound, the smaller of them: tokens are estimated, and where the estimate
// is below the named window the model counts more for such texts.
func (m *Model) Refused(now time.Time, tokens, named int64) {
	if named > 0 {
		tokens = min(tokens, named)
	}
	w := &m.window
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refused == 0 || now.Sub(w.at) > windowMemory || tokens < w.refused {
		w.refused = tokens
	}
	w.at = now
}

// Took books that the model answered a request of so many tokens, so that its
// window is no smaller.
func (m *Model) Took(tokens func() int64) {
	w := &m.window
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refused > 0 && tokens() >= w.refused {
		w.refused = 0
	}
}

// TooLong says that the model lately refused a request of so many tokens, or of
// less. It is a guess to order models by, not a reason to leave one out.
func (m *Model) TooLong(now time.Time, tokens func() int64) bool {
	w := &m.window
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refused > 0 && now.Sub(w.at) <= windowMemory && tokens() >= w.refused
}
