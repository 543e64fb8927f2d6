package policy_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

// panics sends some pieces of the text and then does not survive.
func panics(text string, pieces int) *forwardtest.Provider {
	return &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		for range pieces {
			if err := emit(forward.Piece{Text: text}); err != nil {
				return forward.End{}, err
			}
		}
		panic("secret details")
	}}
}

// TestAPanicIsAFailureOfItsAttempt: the place and the reservation are given
// back, the stack is logged, and the next model answers.
func TestAPanicIsAFailureOfItsAttempt(t *testing.T) {
	var log bytes.Buffer
	held := &reservations{}
	a := panics("x", 0)
	d := deploy().withModel(routes.Model{Name: "a", MaxConcurrent: 1}, a).with("b", 1, forwardtest.Says("b"))
	d.deps.Budgets, d.deps.Logger = held, zerolog.New(&log)
	f := d.forwarder(t)
	for range 3 { // a leaked place would skip the second call
		record, err := f.Forward(t.Context(), ask("hi"), discard)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "path", []string{"a:crashed", "b:done"}, path(record))
		if strings.Contains(record.Attempts[0].Error, "secret") {
			t.Errorf("the record says %q", record.Attempts[0].Error)
		}
	}
	if held.open.Load() != 0 {
		t.Errorf("%d reservations are held", held.open.Load())
	}
	if !strings.Contains(log.String(), "secret details") || !strings.Contains(log.String(), "panic_test.go") {
		t.Errorf("the log holds no panic with its stack: %s", log.String())
	}
}

func TestAPanicInMidAnswerInterruptsIt(t *testing.T) {
	record, err := deploy().with("a", 1, panics("x", 1)).with("b", 1, forwardtest.Says("b")).forwarder(t).Forward(t.Context(), ask("hi"), discard)
	if !errors.Is(err, forward.ErrInterrupted) || record.Usage.OutputTokens != 1 {
		t.Errorf("error is %v, usage %+v", err, record.Usage)
	}
}

// TestAPanicInAHedge: a second call that panics beside the first ends nothing.
func TestAPanicInAHedge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &forwardtest.Provider{StreamFunc: func(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
			time.Sleep(3 * time.Second)
			return forwardtest.Says("slow").StreamFunc(ctx, req, emit)
		}}
		d := deploy().with("slow", 1, slow).with("bad", 1, panics("x", 0))
		d.policy.HedgeAfter = time.Second
		record, err := d.forwarder(t).Forward(t.Context(), ask("hi"), discard)
		if err != nil || record.Model != "slow" {
			t.Fatalf("answered by %q, error %v", record.Model, err)
		}
		want(t, "path", []string{"bad:crashed", "slow:done"}, path(record))
	})
}

func TestAPanicOfTheCallersOwn(t *testing.T) {
	record, err := deploy().with("a", 1, forwardtest.Says("a")).forwarder(t).Forward(t.Context(), ask("hi"), func(forward.Piece) error { panic("sink") })
	if !errors.Is(err, forward.ErrInternal) || record.Attempts[0].Status != forward.Cancelled {
		t.Errorf("error is %v, %v", err, path(record))
	}
}

type panicky struct{}

func (panicky) Predict(string, []float32) map[string]float64 { panic("predictor") }

func TestAPanicBeforeAnyAttempt(t *testing.T) {
	d := deploy().with("a", 1, forwardtest.Says("a"))
	d.policy.Strategy, d.deps.Predictor = routes.Quality, panicky{}
	if _, err := d.forwarder(t).Forward(t.Context(), ask("hi"), discard); !errors.Is(err, forward.ErrInternal) {
		t.Errorf("error is %v", err)
	}
}
