package health

import (
	"sync"
	"time"
)

// speed is the observed speed of a model, as moving averages.
type speed struct {
	memory time.Duration

	mu       sync.Mutex // protects the fields below
	seen     time.Time
	first    float64 // seconds to the first piece
	perPiece float64 // seconds from one piece to the next, 0 when never seen
}

const (
	// speedWeight is the share of the newest observation.
	speedWeight = 0.2
	// typicalPieces is the answer length that speeds are compared at.
	typicalPieces = 100
)

// Answered books an answer of some pieces whose first came after first and all
// of which the model took total for.
func (m *Model) Answered(now time.Time, first, total time.Duration, pieces int) {
	s := &m.speed
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.seen.IsZero() || now.Sub(s.seen) > s.memory
	s.seen = now
	s.first = average(s.first, first.Seconds(), fresh)
	if pieces > 1 {
		s.perPiece = average(s.perPiece, (total-first).Seconds()/float64(pieces-1), fresh || s.perPiece == 0)
	}
}

func average(old, latest float64, fresh bool) float64 {
	if fresh {
		return latest
	}
	return old + speedWeight*(latest-old)
}

// Expected is how many seconds a typical answer takes; 0 when nothing recent
// is known, so that the model is tried.
func (m *Model) Expected(now time.Time) float64 {
	s := &m.speed
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen.IsZero() || now.Sub(s.seen) > s.memory {
		return 0
	}
	return s.first + typicalPieces*s.perPiece
}
