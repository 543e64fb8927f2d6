package mapapi

import (
	"context"
	"time"

	"github.com/semroute/semroute/router"
)

// longest bounds the making of a drawing, whoever waits for it.
const longest = 2 * time.Minute

// making is a drawing that is being made. drawing and err are there when done is
// closed.
type making struct {
	done    chan struct{}
	end     context.CancelFunc
	drawing *drawing
	err     error
}

// drawing is that of the generation in place. All who want one wait for the same; it
// goes on when they leave, so that those who come again find it. It fails with
// router.ErrNotReady and the errors of drawing.
func (s *Service) drawing(ctx context.Context) (*drawing, error) {
	for range 3 {
		now := s.engine.Status().Fingerprint
		if now == "" {
			return nil, router.ErrNotReady
		}
		d, m := s.find(ctx, now)
		if d != nil {
			return d, nil
		}
		if m == nil {
			break
		}
		select {
		case <-m.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if m.err != nil {
			return nil, m.err
		}
		if m.drawing.fingerprint == s.engine.Status().Fingerprint {
			return m.drawing, nil
		}
	}
	return nil, outdated()
}

// find is the drawing of the generation, or the one that is being made; neither
// after Close.
func (s *Service) find(ctx context.Context, fingerprint string) (*drawing, *making) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.now != nil && s.now.fingerprint == fingerprint:
		return s.now, nil
	case s.making != nil:
		return nil, s.making
	case s.closed:
		return nil, nil
	}
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), longest)
	m := &making{done: make(chan struct{}), end: end}
	s.now, s.making = nil, m // two would take twice the memory
	s.work.Go(func() {
		defer end()
		m.drawing, m.err = draw(ctx, s.engine)
		s.mu.Lock()
		s.now, s.making = m.drawing, nil
		s.mu.Unlock()
		close(m.done)
	})
	return nil, m
}

// Close ends what is being drawn. No call may come after it.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	if s.making != nil {
		s.making.end()
	}
	s.mu.Unlock()
	s.work.Wait()
}
