package limits_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/limits"
)

func who(id string, l auth.Limits) *auth.Identity {
	return &auth.Identity{ID: id, Claims: auth.Claims{Limits: l}}
}

func TestRates(t *testing.T) {
	now := time.Now()
	k := limits.New(func() time.Time { return now })
	slow := who("slow", auth.Limits{PerSecond: 2, Burst: 4})
	enter := func(i *auth.Identity, prompts int) *limits.ExceededError {
		t.Helper()
		leave, err := k.Enter(i, prompts)
		if err == nil {
			leave()
			return nil
		}
		var exceeded *limits.ExceededError
		if !errors.As(err, &exceeded) || !errors.Is(err, limits.ErrExceeded) {
			t.Fatal(err)
		}
		return exceeded
	}
	if err := enter(slow, 3); err != nil {
		t.Fatal(err)
	}
	if err := enter(slow, 3); err == nil || err.RetryAfter != time.Second {
		t.Errorf("three prompts where one is left: %+v, want a second's wait", err)
	}
	if err := enter(slow, 1); err != nil {
		t.Errorf("a refused batch must cost nothing: %v", err)
	}
	if err := enter(who("other", slow.Limits), 4); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	now = now.Add(2 * time.Second)
	if err := enter(slow, 256); err != nil {
		t.Errorf("a batch that is larger than the burst, when all of that is there: %v", err)
	}
	if err := enter(slow, 1); err == nil {
		t.Error("and it took all")
	}
	slow.Limits.PerSecond = 1000 // the key was changed
	if err := enter(slow, 1); err != nil {
		t.Error(err)
	}
	for range 10_000 {
		if err := enter(who("free", auth.Limits{}), 1); err != nil {
			t.Fatal(err)
		}
	}
}

func TestConcurrency(t *testing.T) {
	k, i := limits.New(nil), who("a", auth.Limits{Concurrent: 2})
	first, err := k.Enter(i, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Enter(i, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Enter(i, 1); !errors.Is(err, limits.ErrExceeded) {
		t.Errorf("a third at once: %v", err)
	}
	first()
	first() // counts once
	if _, err := k.Enter(i, 1); err != nil {
		t.Errorf("after one has left: %v", err)
	}
	if _, err := k.Enter(i, 1); !errors.Is(err, limits.ErrExceeded) {
		t.Errorf("a fourth: %v", err)
	}
}

// TestManyIdentitiesTakeNoMemory: what is known of identities is bounded, and who
// has calls in flight is not forgotten.
func TestManyIdentitiesTakeNoMemory(t *testing.T) {
	k := limits.New(nil)
	busy := who("busy", auth.Limits{Concurrent: 1})
	if _, err := k.Enter(busy, 1); err != nil {
		t.Fatal(err)
	}
	for n := range 50_000 {
		leave, err := k.Enter(who(fmt.Sprint(n), auth.Limits{Concurrent: 1}), 1)
		if err != nil {
			t.Fatal(err)
		}
		leave()
	}
	if n := k.Known(); n > 20_000 {
		t.Errorf("%d identities are known", n)
	}
	if _, err := k.Enter(busy, 1); !errors.Is(err, limits.ErrExceeded) {
		t.Errorf("who has a call in flight was forgotten: %v", err)
	}
}
