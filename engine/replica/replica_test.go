package replica_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/replica"
	"github.com/semroute/semroute/store"
)

// fleet is a store that knows replicas alone, and is down where it is told so.
type fleet struct {
	mu    sync.Mutex
	alive map[string]store.Replica
	beats int
	down  error
}

func (f *fleet) Beat(_ context.Context, r store.Replica) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down != nil {
		return f.down
	}
	r.Seen = time.Now()
	f.alive[r.Name] = r
	f.beats++
	return nil
}

func (f *fleet) Replicas(_ context.Context, within time.Duration) ([]store.Replica, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []store.Replica
	for _, r := range f.alive {
		if time.Since(r.Seen) <= within {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b store.Replica) int { return strings.Compare(a.Name, b.Name) })
	return list, f.down
}

func (f *fleet) Leave(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.alive, name)
	return nil
}

func (f *fleet) Lock(ctx context.Context, _ string) (context.Context, func(), error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return ctx, func() {}, f.down
}

func (f *fleet) is(name string) store.Replica {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.alive[name]
	r.Seen = time.Time{}
	return r
}

// serving is an engine that searches what it is told.
type serving struct {
	mu         sync.Mutex
	status     engine.Status
	collection string
	changed    chan struct{}
	swept      [][]string
}

func (s *serving) StatusChange() (engine.Status, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status, s.changed
}

func (s *serving) Collection() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.collection
}

func (s *serving) moves(fingerprint, collection string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Fingerprint, s.collection = fingerprint, collection
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *serving) Sweep(ctx context.Context, searched func(context.Context) ([]string, error)) ([]string, error) {
	keep, err := searched(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.swept = append(s.swept, keep)
	}
	return nil, err
}

func TestAReplicaSaysWhatItSearches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{alive: map[string]store.Replica{"dead": {Name: "dead", Collection: "old", Seen: time.Now().Add(-45 * time.Minute)}}}
		e := &serving{changed: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			replica.Run(ctx, f, e, replica.Config{Name: "me", Revision: func() int64 { return 7 }, Log: zerolog.Nop()})
		}()
		is := func(want store.Replica) {
			t.Helper()
			synctest.Wait()
			if diff := cmp.Diff(want, f.is("me")); diff != "" {
				t.Errorf("it says (-want +got):\n%s", diff)
			}
		}
		is(store.Replica{Name: "me", Revision: 7})
		e.moves("f1", "c1")
		is(store.Replica{Name: "me", Revision: 7, Fingerprint: "f1", Collection: "c1"})
		f.mu.Lock()
		f.down = errors.New("down")
		f.mu.Unlock()
		e.moves("f2", "c2")
		time.Sleep(20 * time.Second)
		is(store.Replica{Name: "me", Revision: 7, Fingerprint: "f1", Collection: "c1"})
		f.mu.Lock()
		f.down = nil
		f.mu.Unlock()
		time.Sleep(6 * time.Second)
		is(store.Replica{Name: "me", Revision: 7, Fingerprint: "f2", Collection: "c2"})
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		e.mu.Lock()
		if diff := cmp.Diff([][]string{{"old", "c2"}, {"c2"}}, e.swept); diff != "" {
			t.Errorf("kept when it swept, after the dead one was silent for an hour (-want +got):\n%s", diff)
		}
		e.mu.Unlock()
		cancel()
		<-done
		is(store.Replica{})
	})
}

// TestAStoreThatIsDownKeepsNobodyFromBuilding.
func TestAStoreThatIsDownKeepsNobodyFromBuilding(t *testing.T) {
	f := &fleet{}
	for down, want := range map[error]bool{
		nil: true, store.ErrUnusable: true, context.Canceled: false, store.ErrClosed: false,
	} {
		f.down = down
		held, done, err := replica.Alone(f, zerolog.Nop())(t.Context())
		if (err == nil) != want {
			t.Errorf("%v: %v", down, err)
		}
		if err == nil {
			done()
			if held == nil {
				t.Errorf("%v: no context", down)
			}
		}
	}
}
