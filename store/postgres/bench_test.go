package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/storetest"
)

// BenchmarkAppend counts what is in the database, not what is queued.
func BenchmarkAppend(b *testing.B) {
	s := open(b, address(b), store.Config{Queue: 1 << 20, QueueBytes: 1 << 30, Prompts: store.RedactedPrompts})
	record := storetest.Record(time.Now(), "r", "m", "u", "where is the refund for my order 4711?", 1)
	b.ReportAllocs()
	for b.Loop() {
		s.Append(record)
		if s.Stats().Waiting > 1<<19 {
			storetest.Sync(b, s)
		}
	}
	storetest.Sync(b, s)
	if lost := s.Stats().Lost; lost > 0 {
		b.Fatalf("%d lost", lost)
	}
	b.ReportMetric(float64(s.Stats().Written)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkReserve is what a call waits for its budget: from the lease as a rule,
// and by asking the database where that has none.
func BenchmarkReserve(b *testing.B) {
	const limit = 1 << 60
	b.Run("from the lease", func(b *testing.B) {
		s := open(b, address(b), store.Config{})
		for b.Loop() {
			hold, err := s.Reserve(context.Background(), ask(limit, 1))
			if err != nil {
				b.Fatal(err)
			}
			hold.Settle([]int64{1})
		}
	})
	b.Run("by asking", func(b *testing.B) {
		s := open(b, address(b), store.Config{})
		for n := int64(1); b.Loop(); n++ { // another limit each time is never leased yet
			hold, err := s.Reserve(context.Background(), ask(limit+n, 1))
			if err != nil {
				b.Fatal(err)
			}
			hold.Settle([]int64{1})
		}
	})
}
