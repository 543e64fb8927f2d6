package sqlite_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/storetest"
)

// BenchmarkTimeline sums up 100,000 records with bodies of a usual length.
func BenchmarkTimeline(b *testing.B) {
	const n = 100_000
	s := open(b, filepath.Join(b.TempDir(), "calls.db"), store.Config{Queue: n, QueueBytes: 1 << 30})
	body := json.RawMessage(`{"a":"` + strings.Repeat("x", 1200) + `"}`)
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		r := storetest.Record(start.Add(time.Duration(i)*time.Second), fmt.Sprintf("route-%d", i%77), fmt.Sprintf("model-%d", i%5), "u", "", int64(i))
		if i%10 == 0 {
			r.Route, r.Reason = "", "below confidence"
		}
		r.Body, r.Decided, r.Latency = body, time.Duration(i%977)*time.Microsecond, time.Duration(i%7919)*time.Millisecond
		r.Attempts = []store.Attempt{{Model: r.Model, Failed: i%50 == 0, Took: r.Latency}}
		s.Append(r)
	}
	storetest.Sync(b, s)
	f := store.TimelineFilter{Since: start, Before: start.Add(n * time.Second), Step: n * time.Second / 96}
	for b.Loop() {
		got, err := s.Timeline(context.Background(), f)
		if err != nil || len(got.Routes) != 13 {
			b.Fatalf("%d routes, %v", len(got.Routes), err)
		}
	}
}
