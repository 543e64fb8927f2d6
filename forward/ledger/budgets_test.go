package ledger_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/ledger"
	"github.com/semroute/semroute/routes"
)

func usd(nano int64) *int64 { return &nano }

func claim(user string, cost, tokens int64) forward.Claim {
	return forward.Claim{User: user, Team: "t", Route: "r", Cost: cost, Tokens: tokens, Priced: true}
}

func reserve(t *testing.T, b *ledger.Budgets, c forward.Claim) forward.Reservation {
	t.Helper()
	r, err := b.Reserve(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func refused(t *testing.T, b *ledger.Budgets, c forward.Claim) *forward.BudgetError {
	t.Helper()
	_, err := b.Reserve(context.Background(), c)
	var budget *forward.BudgetError
	if !errors.As(err, &budget) || !errors.Is(err, forward.ErrBudget) {
		t.Fatalf("error is %v", err)
	}
	return budget
}

func TestBudgetCountsWhatIsSpentAndHeldBack(t *testing.T) {
	c := newClock()
	b := open(t, ledger.Config{Now: c.Now}).Budgets([]routes.Budget{
		{Name: "each", Per: routes.PerUser, USD: usd(100), Window: routes.Day, OnExceeded: routes.Downgrade},
	})
	held := reserve(t, b, claim("jo", 60, 1))
	got := refused(t, b, claim("jo", 60, 1))
	want := &forward.BudgetError{
		Name: "each", Scope: "user", Key: "jo", Window: "day", Limit: 100, Spent: 60, Asked: 60,
		Resets: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Downgrade: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	reserve(t, b, claim("mo", 60, 1)) // has a budget of their own
	held.Settle(10, 1)
	held.Settle(10, 1) // counts once
	reserve(t, b, claim("jo", 90, 1)).Settle(90, 1)
	if got := refused(t, b, claim("jo", 1, 1)); got.Spent != 100 {
		t.Errorf("%d spent", got.Spent)
	}
	reserve(t, b, claim("jo", 0, 1)) // what costs nothing is always covered
	c.pass(time.Minute)              // the next day
	reserve(t, b, claim("jo", 100, 1))
}

func TestBudgetScopesAndWindows(t *testing.T) {
	c := newClock()
	b := open(t, ledger.Config{Now: c.Now}).Budgets([]routes.Budget{
		{Name: "team", Per: routes.PerTeam, Match: "t", USD: usd(1000), Window: routes.Month},
		{Name: "other team", Per: routes.PerTeam, Match: "x", USD: usd(0)},
		{Name: "route", Per: routes.PerRoute, TokensPerMinute: 50},
	})
	reserve(t, b, claim("jo", 900, 40)).Settle(900, 30)
	if got := refused(t, b, claim("mo", 10, 30)); got.Name != "route" || got.Window != "minute" || got.Downgrade {
		t.Errorf("refused by %+v", got)
	}
	if got := refused(t, b, claim("mo", 200, 1)); got.Name != "team" || got.Window != "month" {
		t.Errorf("refused by %+v", got)
	}
	reserve(t, b, claim("mo", 10, 20))
	c.pass(time.Minute) // the next minute is also the next month
	reserve(t, b, claim("mo", 900, 30))
	unpriced := claim("jo", 0, 1)
	unpriced.Priced = false
	if _, err := b.Reserve(context.Background(), unpriced); !errors.Is(err, forward.ErrUnpriced) {
		t.Errorf("unpriced: %v", err)
	}
}

func TestBudgetsOutliveARestartAndAReload(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "calls.db")
	limits := []routes.Budget{{Name: "each", Per: routes.PerUser, USD: usd(100)}}
	l := open(t, ledger.Config{Path: path, Now: c.Now})
	reserve(t, l.Budgets(limits), claim("jo", 80, 1)).Settle(70, 1)
	if got := refused(t, l.Budgets(limits), claim("jo", 31, 1)); got.Spent != 70 {
		t.Errorf("%d spent", got.Spent)
	}
	reserve(t, l.Budgets(limits), claim("jo", 30, 1)) // in flight when the ledger closes
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, ledger.Config{Path: path, Now: c.Now})
	if got := refused(t, l.Budgets(limits), claim("jo", 31, 1)); got.Spent != 70 {
		t.Errorf("%d spent", got.Spent)
	}
	reserve(t, l.Budgets(limits), claim("jo", 30, 1))
}

// TestBudgetIsNeverOvershotByMoreThanTheCallsInFlight: every call may cost up
// to 10 more than it reserved.
func TestBudgetIsNeverOvershotByMoreThanTheCallsInFlight(t *testing.T) {
	const limit, reserved, excess, callers = 10_000, 10, 10, 32
	b := open(t, ledger.Config{}).Budgets([]routes.Budget{{Name: "all", Per: routes.PerTeam, USD: usd(limit)}})
	var spent atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for {
				r, err := b.Reserve(context.Background(), claim("jo", reserved, 1))
				if err != nil {
					return
				}
				spent.Add(reserved + excess)
				r.Settle(reserved+excess, 1)
			}
		})
	}
	group.Wait()
	if got := spent.Load(); got > limit+callers*excess || got < limit-reserved {
		t.Errorf("spent %d of %d", got, limit)
	}
}
