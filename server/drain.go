package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// cutOffTime is how long calls that are cut off may take to notice.
const cutOffTime = time.Second

// Serve answers calls on the listener until ctx ends, then drains: health says
// NOT_SERVING, no new calls are taken, those in flight may finish within the
// drain time, and what is left is cut off. It returns within the drain time and
// a second, even when a call does not end for being cut off. A drain is no
// error.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	patrol, end := context.WithCancel(context.Background())
	var beside sync.WaitGroup
	beside.Go(func() { s.guard.Run(patrol) }) // also while it drains
	defer beside.Wait()
	defer end()
	failed := make(chan error, 1)
	go func() { failed <- s.grpc.Serve(s.guard.Listen(listener)) }()
	select {
	case err := <-failed:
		if errors.Is(err, grpc.ErrServerStopped) {
			return nil
		}
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	s.drain()
	if err := <-failed; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	}
	return nil
}

func (s *Server) drain() {
	start := time.Now()
	s.log.Info().Dur("at_most_ms", s.config.DrainTimeout).Msg("draining")
	s.health.Shutdown()
	s.endUpkeep()
	done := make(chan struct{})
	go func() {
		s.grpc.GracefulStop()
		close(done)
	}()
	if !within(s.config.DrainTimeout, done) {
		s.log.Warn().Msg("calls were still in flight after the drain time; they are cut off")
		s.grpc.Stop() // it does not wait for them, GracefulStop still does
		if !within(cutOffTime, done) {
			s.log.Error().Msg("calls did not end when they were cut off; they are left behind")
		}
	}
	s.log.Info().Dur("took_ms", time.Since(start)).Msg("drained")
}

// within waits for the end of something, at most so long.
func within(limit time.Duration, done <-chan struct{}) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
