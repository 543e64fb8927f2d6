package schema

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestChecksThatNobodyWaitsForAreFewAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Compile(`{"type": "object"}`)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 10 * maxAbandoned {
			if err := s.Check(ctx, "{}"); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want the context's error", err)
			}
			synctest.Wait() // until the check has gone on to its end
		}
		if n := s.abandoned.Load(); n != 0 {
			t.Errorf("%d checks are taken to go on", n)
		}
		s.abandoned.Store(maxAbandoned)
		if err := s.Check(t.Context(), "{}"); !errors.Is(err, errBusy) {
			t.Errorf("got %v, want to be refused while earlier checks go on", err)
		}
		s.abandoned.Store(maxAbandoned - 1)
		if err := s.Check(t.Context(), "{}"); err != nil {
			t.Errorf("got %v, want to be checked again", err)
		}
	})
}
