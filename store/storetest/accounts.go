package storetest

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/store"
)

// asked is one ask of a user's daily account.
func asked(user string, limit, amount int64) []store.Ask {
	return []store.Ask{{Account: store.Account{Budget: "each", Scope: "user", Name: user, Period: store.Day}, Limit: limit, Amount: amount}}
}

func reserve(t testing.TB, a store.Accounts, asks []store.Ask) store.Hold {
	t.Helper()
	hold, err := a.Reserve(context.Background(), asks)
	if err != nil {
		t.Fatal(err)
	}
	return hold
}

func refused(t testing.TB, a store.Accounts, asks []store.Ask) *store.ExceededError {
	t.Helper()
	_, err := a.Reserve(context.Background(), asks)
	var exceeded *store.ExceededError
	if !errors.As(err, &exceeded) || !errors.Is(err, store.ErrExceeded) {
		t.Fatalf("error is %v", err)
	}
	return exceeded
}

func accountsCount(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "accounts", store.Config{Now: c.Now})
	held := reserve(t, s, asked("jo", 100, 60))
	want := &store.ExceededError{Ask: asked("jo", 100, 60)[0], Used: 60, Resets: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(want, refused(t, s, asked("jo", 100, 60))); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	reserve(t, s, asked("mo", 100, 60)) // has an account of their own
	for range 2 {                       // counts once
		held.Settle([]int64{10})
	}
	reserve(t, s, asked("jo", 100, 90)).Settle([]int64{90})
	if got := refused(t, s, asked("jo", 100, 1)); got.Used != 100 {
		t.Errorf("%d used", got.Used)
	}
	reserve(t, s, asked("jo", 100, 0)) // what costs nothing is always covered
	c.Pass(time.Minute)                // the next day
	reserve(t, s, asked("jo", 100, 100))
}

func allAccountsOrNone(t *testing.T, open Open) {
	s := open(t, "all", store.Config{})
	both := append(asked("jo", 100, 60), asked("team", 50, 60)...)
	if got := refused(t, s, both); got.Index != 1 || got.Ask.Name != "team" {
		t.Errorf("refused by %+v", got)
	}
	reserve(t, s, asked("jo", 100, 100)).Settle(nil)
	both[1].Limit = 60
	reserve(t, s, both).Settle([]int64{7, 8})
	if got := refused(t, s, asked("jo", 100, 94)); got.Used != 7 {
		t.Errorf("%d used", got.Used)
	}
	if got := refused(t, s, asked("team", 50, 43)); got.Used != 8 {
		t.Errorf("%d used", got.Used)
	}
}

func periods(t *testing.T, open Open) {
	c := NewClock()
	c.Pass(-24 * time.Hour)
	s := open(t, "periods", store.Config{Now: c.Now})
	ask := func(p store.Period, amount int64) []store.Ask {
		return []store.Ask{{Account: store.Account{Budget: "b", Scope: "team", Name: "t", Period: p}, Limit: 100, Amount: amount}}
	}
	all := []store.Period{store.Minute, store.Day, store.Month}
	full := func(want ...bool) {
		t.Helper()
		for i, p := range all {
			hold, err := s.Reserve(context.Background(), ask(p, 1))
			if got := err != nil; got != want[i] {
				t.Errorf("at %s the %s is spent: %v", c.Now(), p, got)
			}
			if err == nil {
				hold.Settle([]int64{0})
			}
		}
	}
	for _, p := range all {
		reserve(t, s, ask(p, 100)).Settle([]int64{100})
	}
	full(true, true, true)
	c.Pass(time.Minute)
	full(false, false, true)
	c.Pass(24 * time.Hour)
	full(false, false, false)
	held := reserve(t, s, ask(store.Minute, 60))
	c.Pass(time.Minute) // what is in flight goes over into the next period
	if got := refused(t, s, ask(store.Minute, 41)); got.Used != 60 || !got.Resets.Equal(c.Now().Truncate(time.Minute).Add(time.Minute)) {
		t.Errorf("refused by %+v", got)
	}
	held.Settle([]int64{30})
	reserve(t, s, ask(store.Minute, 70))
}

// aClockSetBackGivesNothingBack: neither while the clock is wrong nor once it is right
// again, also in a store that is opened meanwhile.
func aClockSetBackGivesNothingBack(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		by   time.Duration
	}{
		{"within the period", -time.Second}, {"to the period before", -24 * time.Hour}, {"to long before", -400 * 24 * time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := NewClock()
			name := "back " + test.by.String()
			s := open(t, name, store.Config{Now: c.Now})
			s.Append(Record(c.Now(), "r", "m", "jo", "", 100))
			Sync(t, s) // what is done at the start, with the time as it was, is done
			reserve(t, s, asked("jo", 100, 100)).Settle([]int64{100})
			c.Pass(test.by)
			if got := refused(t, s, asked("jo", 100, 1)); got.Used != 100 {
				t.Errorf("%d used while the clock is wrong", got.Used)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, name, store.Config{Now: c.Now})
			if got := refused(t, s, asked("jo", 100, 1)); got.Used != 100 {
				t.Errorf("%d used in a store that was opened meanwhile", got.Used)
			}
			c.Pass(-test.by)
			if got := refused(t, s, asked("jo", 100, 1)); got.Used != 100 {
				t.Errorf("%d used when it is right again", got.Used)
			}
			c.Pass(24 * time.Hour)
			reserve(t, s, asked("jo", 100, 100))
		})
	}
}

func accountsOutliveARestart(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "restart", store.Config{Now: c.Now})
	reserve(t, s, asked("jo", 100, 80)).Settle([]int64{70})
	reserve(t, s, asked("jo", 100, 30)) // in flight when the store closes
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, "restart", store.Config{Now: c.Now})
	if got := refused(t, s, asked("jo", 100, 31)); got.Used != 70 {
		t.Errorf("%d used", got.Used)
	}
	reserve(t, s, asked("jo", 100, 30))
}

// accountsBearAnyAmount: whatever is booked, spending never falls below what
// was spent before, and a spent account stays spent.
func accountsBearAnyAmount(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "any", store.Config{Now: c.Now})
	reserve(t, s, asked("jo", 100, 50)).Settle([]int64{50})
	reserve(t, s, asked("jo", 100, -500)).Settle([]int64{math.MinInt64})
	if got := refused(t, s, asked("jo", 100, 51)); got.Used != 50 {
		t.Errorf("%d used", got.Used)
	}
	for range 2 {
		reserve(t, s, asked("jo", 100, 0)).Settle([]int64{math.MaxInt64})
	}
	reserve(t, s, asked("mo", math.MaxInt64, math.MaxInt64))
	if got := refused(t, s, asked("mo", math.MaxInt64, math.MaxInt64)); got.Used != math.MaxInt64 {
		t.Errorf("%d used", got.Used)
	}
	for range 2 {
		if got := refused(t, s, asked("jo", 100, 1)); got.Used != math.MaxInt64 {
			t.Errorf("%d used", got.Used)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, "any", store.Config{Now: c.Now})
	}
}

// accountsAreNotOvershot by more than the calls in flight: every call may cost
// up to 10 more than it reserved.
func accountsAreNotOvershot(t *testing.T, open Open) {
	const limit, reserved, excess, callers = 10_000, 10, 10, 32
	s := open(t, "load", store.Config{})
	var spent atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for {
				hold, err := s.Reserve(context.Background(), asked("all", limit, reserved))
				if err != nil {
					return
				}
				spent.Add(reserved + excess)
				hold.Settle([]int64{reserved + excess})
			}
		})
	}
	group.Wait()
	if got := spent.Load(); got > limit+callers*excess || got < limit-reserved {
		t.Errorf("spent %d of %d", got, limit)
	}
}
