package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward/session"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres"
	"github.com/semroute/semroute/store/postgres/postgrestest"
	"github.com/semroute/semroute/store/sqlite"
)

// sessionsOn are a server's conversations in a store.
func sessionsOn(t *testing.T, s store.Store) *session.Keeper {
	t.Helper()
	calls := &calls{ledger: s, forwarding: engine.NewLiveForwarding(nil)}
	k, err := calls.openSessions(time.Hour, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var said = session.State{Model: "large", Route: "coding", Answers: 3, ContextTokens: 900, Missed: 5, Switches: 1}

// TestConversationsOutliveTheServer: whoever opens the file after it knows them.
func TestConversationsOutliveTheServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	for round := range 2 {
		s, err := sqlite.Open(t.Context(), path, store.Config{})
		if err != nil {
			t.Fatal(err)
		}
		k := sessionsOn(t, s)
		got, known, err := k.Known(t.Context(), "a", 3)
		if err != nil || known != (round == 1) {
			t.Fatalf("start %d: %+v, %v, %v", round, got, known, err)
		}
		if diff := cmp.Diff(said, got); known && diff != "" {
			t.Errorf("after a restart (-kept +known):\n%s", diff)
		}
		if err := k.Keep(t.Context(), "a", said); err != nil {
			t.Fatal(err)
		}
		k.Close()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReplicasKnowEachOthersConversations on a real PostgreSQL, at once.
func TestReplicasKnowEachOthersConversations(t *testing.T) {
	address := postgrestest.URL(t)
	var replicas []*session.Keeper
	for range 2 {
		s, err := postgres.Open(t.Context(), address, store.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		replicas = append(replicas, sessionsOn(t, s))
	}
	next := said
	for turn := range 6 {
		next.Answers = turn + 1
		if err := replicas[turn%2].Keep(t.Context(), "a", next); err != nil {
			t.Fatal(err)
		}
		got, known, err := replicas[(turn+1)%2].Known(t.Context(), "a", turn+1)
		if diff := cmp.Diff(next, got); err != nil || !known || diff != "" {
			t.Fatalf("turn %d: %v, %v (-kept +known):\n%s", turn, known, err, diff)
		}
	}
}
