package flight_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/internal/flight"
)

// TestAllWaitForTheSame: the work is done once, and goes on when its first caller leaves.
func TestAllWaitForTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := flight.New[int](time.Hour)
		defer w.Close()
		done := 0
		do := func(ctx context.Context) (int, error) {
			select {
			case <-time.After(time.Minute):
				done++
				return done, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		first, leave := context.WithCancel(t.Context())
		left, got := make(chan error, 1), make(chan int, 2)
		go func() {
			_, err := w.Do(first, do)
			left <- err
		}()
		synctest.Wait()
		for range 2 {
			go func() {
				n, err := w.Do(t.Context(), do)
				if err != nil {
					t.Error(err)
				}
				got <- n
			}()
		}
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		if a, b := <-got, <-got; a != 1 || b != 1 {
			t.Errorf("the others got %d and %d, want the first work's", a, b)
		}
	})
}

// TestWorkEnds: by Close, which waits for it, or when it takes too long; after Close none
// begins.
func TestWorkEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := flight.New[int](time.Minute)
		until := func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 1, ctx.Err()
		}
		if _, err := w.Do(t.Context(), until); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("work that takes too long ends with %v", err)
		}
		ended := make(chan error, 1)
		go func() {
			_, err := w.Do(t.Context(), until)
			ended <- err
		}()
		synctest.Wait()
		w.Close()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("work that is ended ends with %v", err)
		}
		if _, err := w.Do(t.Context(), until); !errors.Is(err, flight.ErrClosed) {
			t.Errorf("work after Close ends with %v", err)
		}
	})
}
