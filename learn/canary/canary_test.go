package canary_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/canary"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

// upstream is a model that words its answers in a few ways, until it changes.
type upstream struct {
	mu      sync.Mutex // protects the fields below
	asked   int
	changed bool
	fails   error
}

func (u *upstream) ask(_ context.Context, _, prompt string) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asked++
	if u.fails != nil {
		return "", u.fails
	}
	if u.changed {
		return fmt.Sprint("certainly here is something else entirely number ", u.asked), nil
	}
	return prompt + ": " + []string{"the answer is well known", "well, the answer is known", "the answer is known to all"}[u.asked%3], nil
}

func (u *upstream) calls() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.asked
}

var asked = map[string]canary.Model{
	"small": {Asked: "ollama small", Prompts: []string{"what is the capital of Peru", "name four seas", "count to five", "say hello"}},
	"quiet": {Asked: "ollama quiet"},
}

func lasting(book *alarm.Book) int { return len(book.Alarms(true)) }

func TestOtherAnswersAreNoticed(t *testing.T) {
	u, book := &upstream{}, alarm.NewBook(alarm.Config{})
	s := canary.New(canary.Config{Ask: u.ask, Book: book})
	s.Set(asked)
	for range 40 {
		s.Round(t.Context())
	}
	if lasting(book) > 0 {
		t.Fatalf("alarm without a change: %+v", book.Alarms(true))
	}
	u.changed = true
	rounds := 0
	for rounds < 10 && lasting(book) == 0 {
		rounds++
		s.Round(t.Context())
	}
	alarms := book.Alarms(true)
	if rounds > 4 || len(alarms) != 1 || alarms[0].Subject != "small" || alarms[0].Source != alarm.Canary {
		t.Errorf("after %d rounds: %+v", rounds, alarms)
	}
	u.changed = false
	for range 60 {
		s.Round(t.Context())
	}
	if lasting(book) > 0 {
		t.Error("the alarm goes on")
	}
}

func TestAnotherModelBehindTheNameIsAskedAnew(t *testing.T) {
	u, book := &upstream{}, alarm.NewBook(alarm.Config{})
	s := canary.New(canary.Config{Ask: u.ask, Book: book})
	s.Set(asked)
	for range 5 {
		s.Round(t.Context())
	}
	u.changed = true
	s.Set(map[string]canary.Model{"small": {Asked: "ollama large", Prompts: asked["small"].Prompts}})
	for range 20 {
		s.Round(t.Context())
	}
	if lasting(book) > 0 {
		t.Errorf("what was asked for has changed, which is no alarm: %+v", book.Alarms(true))
	}
}

func TestFailuresSayNothingOfAnswers(t *testing.T) {
	u, book := &upstream{fails: errors.New("down")}, alarm.NewBook(alarm.Config{})
	s := canary.New(canary.Config{Ask: u.ask, Book: book})
	s.Set(asked)
	for range 10 {
		s.Round(t.Context())
	}
	u.fails = nil
	for range 10 {
		s.Round(t.Context())
	}
	if lasting(book) > 0 {
		t.Errorf("%+v", book.Alarms(true))
	}
}

// TestReplicasAskInTurn shares a store between two schedules, the second of which
// goes on with what the first has learnt.
func TestReplicasAskInTurn(t *testing.T) {
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "kept.db"), store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	u, book := &upstream{}, alarm.NewBook(alarm.Config{})
	replica := func() *canary.Schedule {
		s := canary.New(canary.Config{Ask: u.ask, Book: book, Values: kept, Every: time.Hour})
		s.Set(asked)
		return s
	}
	one, two := replica(), replica()
	for range 5 {
		one.Round(t.Context())
		two.Round(t.Context())
	}
	u.changed = true
	for range 4 {
		one.Round(t.Context())
		two.Round(t.Context())
	}
	if lasting(book) != 1 {
		t.Errorf("%d alarms of both together", lasting(book))
	}
}

func TestRoundsComeOnSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{}
		s := canary.New(canary.Config{Ask: u.ask, Book: alarm.NewBook(alarm.Config{}), Every: time.Hour})
		s.Set(asked)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		time.Sleep(3*time.Hour + 2*time.Minute)
		synctest.Wait()
		if got := u.calls(); got != 4*4 {
			t.Errorf("%d calls in three hours, want four rounds of four prompts", got)
		}
		cancel()
		running.Wait()
	})
}

// shared is a store in memory that knows when things expire.
type shared struct {
	mu      sync.Mutex // protects the fields below
	values  map[string]store.Value
	version int64
}

func (s *shared) Value(_ context.Context, scope, key string) (store.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[scope+"/"+key]
	if !ok || !v.Expires.IsZero() && !time.Now().Before(v.Expires) {
		return store.Value{}, store.ErrNotFound
	}
	return v, nil
}

func (s *shared) PutValue(_ context.Context, scope, key string, data []byte, expires time.Time) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.values[scope+"/"+key] = store.Value{Key: key, Data: data, Version: s.version, Expires: expires}
	return s.version, nil
}

func (s *shared) SwapValue(ctx context.Context, scope, key string, known int64, data []byte, expires time.Time) (int64, error) {
	if v, err := s.Value(ctx, scope, key); err != nil && known != 0 || v.Version != known {
		return 0, store.ErrStale
	}
	return s.PutValue(ctx, scope, key, data, expires)
}

func (s *shared) DeleteValue(context.Context, string, string) error { return nil }

func (s *shared) Values(context.Context, string, string, int) ([]store.Value, error) { return nil, nil }

func TestOneOfTheReplicasAsksInARound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{}
		kept := &shared{values: map[string]store.Value{}}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for i := range 3 {
			s := canary.New(canary.Config{Ask: u.ask, Book: alarm.NewBook(alarm.Config{}), Every: time.Hour, Values: kept})
			s.Set(asked)
			running.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				s.Run(ctx)
			})
		}
		time.Sleep(3*time.Hour + 2*time.Minute)
		synctest.Wait()
		if got := u.calls(); got != 4*4 {
			t.Errorf("%d calls of three replicas in three hours, want four rounds of four prompts", got)
		}
		cancel()
		running.Wait()
	})
}
