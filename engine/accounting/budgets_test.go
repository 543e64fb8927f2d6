package accounting_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/engine/accounting"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
	"github.com/semroute/semroute/store/storetest"
)

func open(t *testing.T, config store.Config) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "calls.db"), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func usd(nano int64) *int64 { return &nano }

func claim(user string, cost, tokens int64) forward.Claim {
	return forward.Claim{User: user, Team: "t", Route: "r", Cost: cost, Tokens: tokens, Priced: true}
}

func reserve(t *testing.T, b forward.Budgets, c forward.Claim) forward.Reservation {
	t.Helper()
	r, err := b.Reserve(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func refused(t *testing.T, b forward.Budgets, c forward.Claim) *forward.BudgetError {
	t.Helper()
	_, err := b.Reserve(context.Background(), c)
	var budget *forward.BudgetError
	if !errors.As(err, &budget) || !errors.Is(err, forward.ErrBudget) {
		t.Fatalf("error is %v", err)
	}
	return budget
}

func TestARefusalSaysWhichBudgetIsSpent(t *testing.T) {
	c := storetest.NewClock()
	b := accounting.NewBudgets(open(t, store.Config{Now: c.Now}), []routes.Budget{
		{Name: "each", Per: routes.PerUser, USD: usd(100), Window: routes.Day, OnExceeded: routes.Downgrade},
	})
	held := reserve(t, b, claim("jo", 60, 1))
	want := &forward.BudgetError{
		Name: "each", Scope: "user", Key: "jo", Window: "day", Limit: 100, Spent: 60, Asked: 60,
		Resets: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Downgrade: true,
	}
	if diff := cmp.Diff(want, refused(t, b, claim("jo", 60, 1))); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	reserve(t, b, claim("mo", 60, 1)) // has a budget of their own
	held.Settle(10, 1)
	held.Settle(10, 1) // counts once
	reserve(t, b, claim("jo", 90, 1)).Settle(90, 1)
	if got := refused(t, b, claim("jo", 1, 1)); got.Spent != 100 {
		t.Errorf("%d spent", got.Spent)
	}
}

func TestScopesAndWindows(t *testing.T) {
	c := storetest.NewClock()
	b := accounting.NewBudgets(open(t, store.Config{Now: c.Now}), []routes.Budget{
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
	c.Pass(time.Minute) // the next minute is also the next month
	reserve(t, b, claim("mo", 900, 30))
	unpriced := claim("jo", 0, 1)
	unpriced.Priced = false
	if _, err := b.Reserve(context.Background(), unpriced); !errors.Is(err, forward.ErrUnpriced) {
		t.Errorf("unpriced: %v", err)
	}
}

// silent are accounts whose database does not answer.
type silent struct{}

func (silent) Reserve(context.Context, []store.Ask) (store.Hold, error) {
	return nil, fmt.Errorf("%w: connection refused", store.ErrUnusable)
}

// TestABudgetThatNobodyKnows lets no call pass, and is told from a spent one.
func TestABudgetThatNobodyKnows(t *testing.T) {
	b := accounting.NewBudgets(silent{}, []routes.Budget{{Name: "each", Per: routes.PerUser, USD: usd(100)}})
	if _, err := b.Reserve(context.Background(), claim("jo", 1, 1)); !errors.Is(err, forward.ErrBudgetUnknown) || errors.Is(err, forward.ErrBudget) {
		t.Errorf("error is %v", err)
	}
}

func TestBudgetsOutliveAReload(t *testing.T) {
	s := open(t, store.Config{})
	limits := []routes.Budget{{Name: "each", Per: routes.PerUser, USD: usd(100)}}
	reserve(t, accounting.NewBudgets(s, limits), claim("jo", 80, 1)).Settle(70, 1)
	if got := refused(t, accounting.NewBudgets(s, limits), claim("jo", 31, 1)); got.Spent != 70 {
		t.Errorf("%d spent", got.Spent)
	}
}

// TestNumbersOfUpstreamsKeepABudgetSpent: whatever is booked, a spent budget
// lets nothing more pass.
func TestNumbersOfUpstreamsKeepABudgetSpent(t *testing.T) {
	for _, cost := range []int64{math.MaxInt64, 101} {
		b := accounting.NewBudgets(open(t, store.Config{}), []routes.Budget{{Name: "each", Per: routes.PerUser, USD: usd(100)}})
		first, second := reserve(t, b, claim("jo", 1, 1)), reserve(t, b, claim("jo", 1, 1))
		first.Settle(cost, cost)
		second.Settle(cost, math.MinInt64)
		for range 99 {
			if got := refused(t, b, claim("jo", 1, 1)); got.Spent < cost {
				t.Fatalf("%d is spent, at least %d should be", got.Spent, cost)
			}
		}
	}
}

func TestARecordIsStoredWhole(t *testing.T) {
	s := open(t, store.Config{Prompts: store.FullPrompts})
	at := time.Now().Round(0)
	record := forward.Record{
		Time: at, Decision: forward.Decision{ID: "d", Route: "billing", Confidence: 0.5}, Prompt: "where is my <refund>", User: "jo",
		Forwarded: true, Model: "small", Usage: forward.Usage{InputTokens: 3, OutputTokens: 4, CacheWriteTokens: 2}, Error: "broke",
		Costs: forward.Costs{Answer: 5, Failed: 1, Routing: 2, Dearest: 50, Estimated: true},
		Attempts: []forward.Attempt{
			{Model: "large", Status: forward.Lost, Usage: forward.Usage{Implausible: true}}, {Model: "small", Status: forward.Done, Cost: 5},
		},
	}
	unwritable := record
	unwritable.Decision.Confidence = math.NaN()
	log := accounting.Log{Ledger: s}
	log.Append(record)
	log.Append(unwritable)
	storetest.Sync(t, s)
	lines := storetest.Lines(t, s, store.Filter{})
	if lines[0]["text"] != record.Prompt || lines[0]["route"] != "billing" {
		t.Errorf("exported %v", lines[0])
	}
	var back forward.Record
	raw, err := json.Marshal(lines[0]["record"])
	if err == nil {
		err = json.Unmarshal(raw, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	record.Prompt = ""
	if diff := cmp.Diff(record, back); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if text, _ := lines[1]["record"].(map[string]any)["error"].(string); !strings.Contains(text, "NaN") {
		t.Errorf("of a record that is no JSON is kept: %v", lines[1])
	}
	report, err := s.Report(context.Background(), at)
	if err != nil {
		t.Fatal(err)
	}
	want := store.Sum{Decisions: 2, Calls: 2, Failed: 2, Estimated: 2, Implausible: 2, InputTokens: 6, OutputTokens: 8, Answer: 10, Wasted: 2, Routing: 4, Dearest: 100}
	if diff := cmp.Diff(want, report.Total); diff != "" {
		t.Errorf("total (-want +got):\n%s", diff)
	}
}

// TestAKeysOwnBudget: invented users spend together what the key may, beside the
// catalog's budgets, and a budget per key counts all of a key's calls.
func TestAKeysOwnBudget(t *testing.T) {
	s := open(t, store.Config{})
	b := accounting.NewBudgets(s, []routes.Budget{
		{Name: "each user", Per: routes.PerUser, USD: usd(100)}, {Name: "each key", Per: routes.PerKey, USD: usd(250)},
	})
	of := func(key, user string, cost int64) forward.Claim {
		c := claim(user, cost, 1)
		c.Key = key
		if key == "key:a" {
			c.Allowance = &forward.Allowance{USD: usd(150), Month: true}
		}
		return c
	}
	reserve(t, b, of("key:a", "ann", 90)).Settle(90, 1)
	if got := refused(t, b, of("key:a", "invented", 90)); got.Scope != "key" || got.Key != "key:a" || got.Window != "month" || got.Limit != 150 {
		t.Errorf("refused by %+v", got)
	}
	reserve(t, b, of("key:b", "bob", 90))
	reserve(t, b, of("key:b", "bill", 90))
	if got := refused(t, b, of("key:b", "ben", 90)); got.Name != "each key" || got.Key != "key:b" {
		t.Errorf("refused by %+v", got)
	}
}
