package mapapi

import (
	"context"
	"errors"
	"time"

	"github.com/semroute/semroute/internal/flight"
	"github.com/semroute/semroute/router"
)

const (
	// longest bounds the making of a drawing, whoever waits for it.
	longest = 2 * time.Minute
	// attempts is how often a drawing is made that is outdated when it is done.
	attempts = 3
)

// drawing is that of the generation in place. All who want one wait for the same; it
// goes on when they leave, so that those who come again find it. It fails with
// router.ErrNotReady and the errors of drawing.
func (s *Service) drawing(ctx context.Context) (*drawing, error) {
	for range attempts {
		if d, err := s.known(); d != nil || err != nil {
			return d, err
		}
		d, err := s.flight.Do(ctx, s.make)
		if errors.Is(err, flight.ErrClosed) {
			break
		}
		if err != nil {
			return nil, err
		}
		if d.fingerprint == s.engine.Status().Fingerprint {
			return d, nil
		}
	}
	return nil, outdated()
}

// known is the drawing that it has, if it is of the generation in place, or else nil.
func (s *Service) known() (*drawing, error) {
	now := s.engine.Status().Fingerprint
	if now == "" {
		return nil, router.ErrNotReady
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil || s.now.fingerprint != now {
		return nil, nil
	}
	return s.now, nil
}

// make draws, unless who was there before has drawn the same, and keeps it.
func (s *Service) make(ctx context.Context) (*drawing, error) {
	if d, err := s.known(); d != nil || err != nil {
		return d, err
	}
	s.keep(nil) // two would take twice the memory
	d, err := draw(ctx, s.engine)
	if err != nil {
		return nil, err
	}
	s.keep(d)
	return d, nil
}

func (s *Service) keep(d *drawing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = d
}

// Close ends what is being drawn. No call may come after it.
func (s *Service) Close() { s.flight.Close() }
