package storetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/store"
)

func aLockHasOneHolder(t *testing.T, open Open) {
	s := open(t, "locks", store.Config{})
	var holders, most atomic.Int32
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				held, release, err := s.Lock(context.Background(), "build")
				if err != nil {
					t.Error(err)
					return
				}
				if n := holders.Add(1); n > most.Load() {
					most.Store(n)
				}
				if held.Err() != nil {
					t.Error("the lock is lost while it is held")
				}
				holders.Add(-1)
				release()
				release()
				if held.Err() == nil {
					t.Error("the lock is held after it was let go of")
				}
			}
		})
	}
	group.Wait()
	if most.Load() != 1 {
		t.Errorf("%d held it at once", most.Load())
	}
}

func waitingForALockEnds(t *testing.T, open Open) {
	s := open(t, "locks", store.Config{})
	_, release, err := s.Lock(context.Background(), "build")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	waited := make(chan error, 1)
	go func() {
		_, _, err := s.Lock(ctx, "build")
		waited <- err
	}()
	other, releaseOther, err := s.Lock(context.Background(), "another")
	if err != nil || other.Err() != nil {
		t.Fatal(err)
	}
	releaseOther()
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("waiting ended with %v", err)
	}
	release()
	_, release, err = s.Lock(context.Background(), "build")
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func replicasAreAliveWhileTheyBeat(t *testing.T, open Open) {
	ctx, c := context.Background(), NewClock()
	s := open(t, "replicas", store.Config{Now: c.Now})
	beat := func(r store.Replica) {
		t.Helper()
		if err := s.Beat(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	alive := func(want ...store.Replica) {
		t.Helper()
		got, err := s.Replicas(ctx, time.Minute)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, alive (-want +got):\n%s", err, diff)
		}
	}
	a := store.Replica{Name: "a", Fingerprint: "f1", Revision: 3, Collection: "semroute_1"}
	b := store.Replica{Name: "b"}
	beat(b)
	beat(a)
	a.Seen, b.Seen = c.Now(), c.Now()
	alive(a, b)
	c.Pass(40 * time.Second)
	a.Fingerprint = "f2"
	beat(a)
	a.Seen = c.Now()
	alive(a, b)
	c.Pass(40 * time.Second)
	alive(a)
	for range 2 {
		if err := s.Leave(ctx, "a"); err != nil {
			t.Fatal(err)
		}
	}
	alive()
	if err := s.Beat(ctx, store.Replica{}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a replica without a name: %v", err)
	}
}
