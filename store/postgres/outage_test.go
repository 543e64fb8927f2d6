package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres/postgrestest"
	"github.com/semroute/semroute/store/storetest"
)

// TestAnOutage: while the database is gone, records wait within their bound and
// the status says why; once it is back, each is there once, and revisions are
// watched again.
func TestAnOutage(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills a server of its own; run without -short")
	}
	server := postgrestest.Start(t)
	s := open(t, server.URL, store.Config{QueueBytes: 1 << 20, Prompts: store.FullPrompts})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	told := make(chan int64, 16)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.WatchRevisions(ctx, func(head int64) { told <- head })
	}()
	<-told
	record := func(i int) {
		r := storetest.Record(time.Now(), "r", "m", "u", "x", 1)
		r.Decision = fmt.Sprint(i)
		s.Append(r)
	}
	for i := range 100 {
		record(i)
	}
	storetest.Sync(t, s)
	reserve(t, s, ask(1000, 10)).Settle([]int64{10})
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	for i := 100; i < 300; i++ {
		record(i)
	}
	eventually(t, "the status says so", func() bool { return s.Stats().Failing != "" })
	if got := s.Stats(); got.Waiting != 200 || got.Lost != 0 {
		t.Errorf("stats are %+v", got)
	}
	if _, err := s.AddRevision(ctx, 0, store.Revision{Etag: "e"}); !errors.Is(err, store.ErrUnusable) {
		t.Errorf("a revision: %v", err)
	}
	eventually(t, "a budget that cannot be asked", func() bool {
		hold, err := s.Reserve(ctx, ask(1000, 900))
		if err == nil {
			hold.Settle(nil)
		}
		return errors.Is(err, store.ErrUnusable)
	})
	s.Append(storetest.Record(time.Now(), "r", "m", "u", strings.Repeat("x", 1<<20), 1))
	if got := s.Stats(); got.Lost != 1 || got.WaitingBytes > 1<<20 || !strings.Contains(got.LastError, "no room in the queue") {
		t.Errorf("beyond the bound: %+v", got)
	}
	if err := server.Boot(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is well again", func() bool { return s.Stats().Failing == "" && s.Stats().Waiting == 0 })
	eventually(t, "budgets are asked again", func() bool {
		hold, err := s.Reserve(ctx, ask(1000, 900))
		if err == nil {
			hold.Settle(nil)
		}
		return err == nil
	})
	if _, err := s.AddRevision(ctx, 0, store.Revision{Etag: "e"}); err != nil {
		t.Error(err)
	}
	if head := <-told; head != 1 {
		t.Errorf("told of %d", head)
	}
	cancel()
	<-watched
	list, err := s.Records(context.Background(), store.RecordFilter{})
	seen := map[string]int{}
	for _, r := range list {
		seen[r.Decision]++
	}
	if err != nil || len(list) != 300 || len(seen) != 300 {
		t.Errorf("%d records of %d decisions are there, want 300; %v", len(list), len(seen), err)
	}
}
