package policy_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

// drips answers with a piece a second.
func drips(pieces int) *forwardtest.Provider {
	return &forwardtest.Provider{StreamFunc: func(ctx context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		for range pieces {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return forward.End{}, ctx.Err()
			}
			if err := emit(forward.Piece{Text: "x"}); err != nil {
				return forward.End{}, err
			}
		}
		return forward.End{Finish: forward.FinishStop}, nil
	}}
}

// TestASlowCallerIsNotTheModelsFault: a caller takes longer for every piece
// than any limit of the attempt allows, and the answer is whole.
func TestASlowCallerIsNotTheModelsFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deploy().with("a", 1, drips(5))
		d.config.AttemptTimeout, d.config.IdleTimeout, d.config.FirstPieceTimeout = 10*time.Second, 2*time.Second, 2*time.Second
		d.config.TotalTimeout, d.config.SendTimeout = 2*time.Minute, time.Minute
		record, err := d.forwarder(t).Forward(t.Context(), ask("hi"), func(forward.Piece) error {
			time.Sleep(20 * time.Second)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if a := record.Attempts[0]; a.Pieces != 5 || a.Latency != 5*time.Second {
			t.Errorf("%d pieces, the model is said to have taken %s", a.Pieces, a.Latency)
		}
	})
}

// TestReadersThatStopOpenNoCircuit: callers that never come back are given up
// after the send timeout, and the model is as healthy as before.
func TestReadersThatStopOpenNoCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deploy().withModel(routes.Model{Name: "a", MaxConcurrent: 1}, drips(3))
		f := d.forwarder(t)
		forever := make(chan struct{})
		defer close(forever)
		for range 10 {
			began := time.Now()
			record, err := f.Forward(t.Context(), ask("hi"), func(forward.Piece) error { <-forever; return nil })
			if !errors.Is(err, forward.ErrSlowCaller) || errors.Is(err, forward.ErrUpstream) {
				t.Fatalf("error is %v", err)
			}
			want(t, "path", []string{"a:cancelled"}, path(record))
			want(t, "time", time.Minute+time.Second, time.Since(began))
		}
		if _, err := f.Forward(t.Context(), ask("hi"), discard); err != nil {
			t.Errorf("the model was charged: %v", err)
		}
	})
}

// TestAllWaitingTogetherIsBounded: a caller that is just fast enough for every
// piece does not hold a model for ever.
func TestAllWaitingTogetherIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deploy().with("a", 1, drips(1000))
		d.config.AttemptTimeout, d.config.TotalTimeout, d.config.SendTimeout = time.Hour, time.Hour, time.Minute
		var pieces atomic.Int32 // the sink is given up within its last call
		_, err := d.forwarder(t).Forward(t.Context(), ask("hi"), func(forward.Piece) error {
			pieces.Add(1)
			time.Sleep(49 * time.Second)
			return nil
		})
		if !errors.Is(err, forward.ErrSlowCaller) || pieces.Load() != 74 {
			t.Errorf("error is %v after %d pieces", err, pieces.Load())
		}
		time.Sleep(time.Minute) // until the sink that was given up has returned
	})
}

// TestTheModelsOwnTimeStillCounts: with pauses of the caller in between, the
// attempt's limit holds for what the model takes.
func TestTheModelsOwnTimeStillCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deploy().with("a", 1, drips(1000))
		d.config.AttemptTimeout, d.config.TotalTimeout = 10*time.Second+500*time.Millisecond, 10*time.Minute
		record, err := d.forwarder(t).Forward(t.Context(), ask("hi"), func(forward.Piece) error {
			time.Sleep(7 * time.Second)
			return nil
		})
		if !errors.Is(err, forward.ErrInterrupted) || record.Attempts[0].Pieces != 10 {
			t.Errorf("error is %v after %d pieces", err, record.Attempts[0].Pieces)
		}
	})
}

// TestTheSpeedIsTheModels: the fastest strategy does not learn how fast callers
// read.
func TestTheSpeedIsTheModels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &forwardtest.Provider{StreamFunc: func(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
			time.Sleep(time.Second)
			return drips(3).StreamFunc(ctx, req, emit)
		}}
		d := deploy().with("fast", 1, drips(3)).with("slow", 1, slow)
		d.policy.Strategy, d.config.TotalTimeout = routes.Fastest, 10*time.Minute
		f := d.forwarder(t)
		var models []string
		for call := range 3 {
			record, err := f.Forward(t.Context(), ask("hi"), func(forward.Piece) error {
				if call == 0 {
					time.Sleep(30 * time.Second)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			models = append(models, record.Model)
		}
		want(t, "models", []string{"fast", "slow", "fast"}, models)
	})
}
