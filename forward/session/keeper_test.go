package session_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/forward/session"
)

// shelf is a store that can fail.
type shelf struct {
	mu      sync.Mutex
	kept    map[string][]byte
	expires map[string]time.Time
	err     error
	gets    int
}

func (s *shelf) Get(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets++
	if s.err != nil {
		return nil, s.err
	}
	if data, ok := s.kept[name]; ok && time.Now().Before(s.expires[name]) {
		return data, nil
	}
	return nil, session.ErrNotKept
}

func (s *shelf) Put(_ context.Context, name string, data []byte, expires time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if s.kept == nil {
		s.kept, s.expires = map[string][]byte{}, map[string]time.Time{}
	}
	s.kept[name], s.expires[name] = data, expires
	return nil
}

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func keeper(t *testing.T, store session.Store, shared bool) *session.Keeper {
	t.Helper()
	k, err := session.New(session.Config{Store: store, Shared: shared, Expiry: time.Hour, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func known(t *testing.T, k *session.Keeper, name string, answers int) (session.State, bool) {
	t.Helper()
	s, ok, err := k.Known(t.Context(), name, answers)
	if err != nil {
		t.Fatal(err)
	}
	return s, ok
}

func keep(t *testing.T, k *session.Keeper, name string, s session.State) {
	t.Helper()
	if err := k.Keep(t.Context(), name, s); err != nil {
		t.Fatal(err)
	}
}

func TestAConversationIsKnownUntilItExpires(t *testing.T) {
	for name, store := range map[string]session.Store{"in memory": nil, "in a store": &shelf{}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := keeper(t, store, false)
				want := session.State{Model: "m", Route: "r", Answers: 1, ContextTokens: 12}
				keep(t, k, "a", want)
				got, ok := known(t, k, "a", 1)
				if diff := cmp.Diff(want, got); !ok || diff != "" {
					t.Errorf("not as it was kept (-want +got):\n%s", diff)
				}
				if _, ok := known(t, k, "b", 1); ok {
					t.Error("another conversation is known")
				}
				if _, ok := known(t, k, "", 1); ok {
					t.Error("a conversation without a name is known")
				}
				time.Sleep(time.Hour + time.Second)
				if s, ok := known(t, k, "a", 1); ok {
					t.Errorf("an hour later it is %+v", s)
				}
			})
		})
	}
}

func TestAConversationOutlivesTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		before := keeper(t, store, false)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { before.Run(ctx) })
		keep(t, before, "early", session.State{Model: "early"})
		synctest.Wait()
		stop()
		running.Wait()
		keep(t, before, "late", session.State{Model: "late"}) // a call that ends while the server drains
		before.Close()
		after := keeper(t, store, false)
		for _, name := range []string{"early", "late"} {
			if s, ok := known(t, after, name, 0); !ok || s.Model != name {
				t.Errorf("%s is %+v, %v", name, s, ok)
			}
		}
	})
}

// TestAnotherReplicaGoesOn: whoever has not answered last learns it from the store,
// by the answers in the conversation or, without any, after a moment.
func TestAnotherReplicaGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{}
		one, two := keeper(t, store, true), keeper(t, store, true)
		keep(t, one, "a", session.State{Model: "x", Answers: 1})
		if s, ok := known(t, two, "a", 1); !ok || s.Model != "x" {
			t.Fatalf("the other knows %+v, %v", s, ok)
		}
		keep(t, two, "a", session.State{Model: "y", Answers: 2})
		if s, _ := known(t, one, "a", 2); s.Model != "y" {
			t.Errorf("the first still knows %+v", s)
		}
		gets := store.gets
		for range 100 {
			known(t, one, "a", 2)
		}
		if store.gets != gets {
			t.Errorf("%d reads of the store for what is in memory", store.gets-gets)
		}
		keep(t, one, "named", session.State{Model: "x"})
		known(t, two, "named", 0)
		keep(t, two, "named", session.State{Model: "y"})
		time.Sleep(2 * time.Second)
		if s, _ := known(t, one, "named", 0); s.Model != "y" {
			t.Errorf("without a history the first still knows %+v", s)
		}
	})
}

func TestAStoreThatFailsIsToldAndCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, down := &shelf{}, errors.New("down")
		store.fail(down)
		shared := keeper(t, store, true)
		if err := shared.Keep(t.Context(), "a", session.State{Model: "m", Answers: 1}); !errors.Is(err, down) {
			t.Errorf("keeping: %v", err)
		}
		if s, ok := known(t, shared, "a", 1); !ok || s.Model != "m" {
			t.Errorf("what is in memory is gone: %+v", s)
		}
		if _, _, err := shared.Known(t.Context(), "other", 1); !errors.Is(err, down) {
			t.Errorf("asking: %v", err)
		}
		own := keeper(t, store, false)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { own.Run(ctx) })
		for i := range 3 {
			keep(t, own, fmt.Sprint(i), session.State{Model: "m"})
			synctest.Wait()
		}
		store.fail(nil)
		keep(t, own, "3", session.State{Model: "m"})
		synctest.Wait()
		stop()
		running.Wait()
		after := keeper(t, store, false)
		for i := range 4 {
			if _, ok := known(t, after, fmt.Sprint(i), 0); !ok {
				t.Errorf("conversation %d was not written after the store came back", i)
			}
		}
	})
}

func TestWhatIsKeptIsChecked(t *testing.T) {
	store := &shelf{}
	if err := store.Put(t.Context(), "a", []byte("no JSON"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := keeper(t, store, false).Known(t.Context(), "a", 0); ok || err == nil {
		t.Errorf("known: %v, %v", ok, err)
	}
}
