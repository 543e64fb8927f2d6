package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/engine/accounting"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

// ledgerRate measures records from Append until they are committed.
func ledgerRate(ctx context.Context, e *env) (measure.Rows, error) {
	n := measure.Pick(e.quick, 5_000, 40_000) // fewer than the queue holds: none is to be lost
	var perSecond []float64
	lost := 0.0
	for round := range e.rounds() {
		l, err := sqlite.Open(ctx, filepath.Join(e.dir, fmt.Sprintf("ledger-%d.db", round)), store.Config{Prompts: store.HashedPrompts})
		if err != nil {
			return nil, err
		}
		log := accounting.Log{Ledger: l}
		start := time.Now()
		for i := range n {
			log.Append(recordOf(i))
		}
		err = l.Sync(ctx)
		perSecond = append(perSecond, float64(n)/time.Since(start).Seconds())
		lost += float64(l.Stats().Lost)
		if err := errors.Join(err, l.Close()); err != nil {
			return nil, err
		}
	}
	return measure.Rows{
		measure.AtLeast("records a second that the ledger commits", measure.Over(perSecond), "/s", 20_000).Noted("%d records in one burst, prompts hashed", n),
		measure.AtMost("records lost", measure.Over([]float64{lost}), "records", 0),
	}, nil
}

// recordOf is a call as they usually are.
func recordOf(i int) forward.Record {
	const nanoDollars = 137_000
	usage := forward.Usage{InputTokens: 212, OutputTokens: 318}
	return forward.Record{
		Time: time.Now(), Forwarded: true, Model: "small", Finish: forward.FinishStop, Strategy: "order",
		Decision: forward.Decision{ID: fmt.Sprintf("decision-%d", i), Route: "refunds", Confidence: 0.93, Margin: 0.9, Stage: "SEMANTIC", Fingerprint: "0123456789abcdef"},
		Prompt:   "i was charged twice this month and would like my money back", User: fmt.Sprintf("user-%d", i%100), Team: "billing",
		Usage: usage, Costs: forward.Costs{Answer: nanoDollars, Dearest: 3 * nanoDollars},
		Attempts: []forward.Attempt{{Model: "small", Status: forward.Done, Latency: time.Second, FirstPiece: 80 * time.Millisecond, Pieces: 318, Usage: usage, Cost: nanoDollars}},
		Latency:  time.Second, FirstPiece: 80 * time.Millisecond,
	}
}
