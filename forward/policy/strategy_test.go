package policy_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/engine/accounting"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

func number[T any](n T) *T { return &n }

// three has models whose prices fall against their order; none has no price.
func three(strategy routes.Strategy) *deployment {
	d := deploy().with("none", -1, forwardtest.Says("none")).with("dear", 9, forwardtest.Says("dear")).
		with("mid", 3, forwardtest.Says("mid")).with("cheap", 1, forwardtest.Says("cheap"))
	d.policy.Strategy = strategy
	return d
}

func answeredBy(t *testing.T, f *policy.Forwarder, call forward.Call) string {
	t.Helper()
	record, err := f.Forward(context.Background(), call, discard)
	if err != nil {
		t.Fatal(err)
	}
	return record.Model
}

// expects predicts the same for every prompt.
type expects map[string]float64

func (e expects) Predict(string, []float32) map[string]float64 { return e }

func TestStrategies(t *testing.T) {
	cases := []struct {
		name      string
		strategy  routes.Strategy
		predictor forward.Predictor
		loss      *float64
		maxPrice  *int64
		want      string
	}{
		{"default is the order", "", nil, nil, nil, "none"},
		{"order", routes.Order, nil, nil, nil, "none"},
		{"cheapest", routes.Cheapest, nil, nil, nil, "cheap"},
		{"quality without a predictor", routes.Quality, nil, nil, nil, "none"},
		{"best quality", routes.Quality, expects{"dear": 0.9, "mid": 0.8, "cheap": 0.2}, nil, nil, "dear"},
		{"cheapest within the loss", routes.Quality, expects{"dear": 0.9, "mid": 0.8, "cheap": 0.2}, number(0.2), nil, "mid"},
		{"no loss allowed", routes.Quality, expects{"dear": 0.9, "mid": 0.9, "cheap": 0.2}, number(0.0), nil, "mid"},
		{"best under a price", routes.Quality, expects{"dear": 0.9, "mid": 0.8, "cheap": 0.2}, nil, number(int64(3e9)), "mid"},
		{"an unknown model is never preferred", routes.Quality, expects{"cheap": 0.1}, number(1.0), nil, "cheap"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := three(c.strategy)
			d.policy.MaxQualityLoss, d.policy.MaxPrice, d.deps.Predictor = c.loss, c.maxPrice, c.predictor
			if got := answeredBy(t, d.forwarder(t), ask("hi")); got != c.want {
				t.Errorf("answered by %q, want %q", got, c.want)
			}
		})
	}
}

// TestCheapestGoesByTheCall: which model is the cheapest depends on how long
// the prompt is and on the day.
func TestCheapestGoesByTheCall(t *testing.T) {
	rates := func(usd int64) routes.Rates { return routes.Rates{InputPerMTok: usd * 1e9, OutputPerMTok: usd * 1e9} }
	autumn := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	d := deploy().with("flat", 5, forwardtest.Says("flat")).
		withModel(routes.Model{Name: "tiered", Provider: routes.Ollama, Model: "x", Prices: routes.Prices{
			{Rates: rates(3), Tiers: []routes.PriceTier{{AboveTokens: 50, Rates: rates(6)}}},
			{ValidFrom: autumn, Rates: rates(1)},
		}}, forwardtest.Says("tiered"))
	d.policy.Strategy = routes.Cheapest
	now, long := autumn.Add(-time.Second), strings.Repeat("more words ", 40)
	d.deps.Now = func() time.Time { return now }
	f := d.forwarder(t)
	if got := answeredBy(t, f, ask("a short one")); got != "tiered" {
		t.Errorf("a short prompt went to %q", got)
	}
	if got := answeredBy(t, f, ask(long)); got != "flat" {
		t.Errorf("a long prompt went to %q", got)
	}
	now = autumn
	record, err := f.Forward(context.Background(), ask(long), discard)
	if err != nil || record.Model != "tiered" || record.Costs.Answer == 0 || record.Costs.Dearest != 5*record.Costs.Answer {
		t.Errorf("after the price fell: %q, %+v, %v", record.Model, record.Costs, err)
	}
}

func TestNoModelUnderThePrice(t *testing.T) {
	d := three(routes.Quality)
	d.policy.MaxPrice = number(int64(1))
	_, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
	if !errors.Is(err, forward.ErrNoModel) || !errors.Is(err, forward.ErrUnpriced) {
		t.Errorf("error is %v", err)
	}
}

// TestFastestLearns: every model is tried once, then the fastest is kept to.
func TestFastestLearns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &forwardtest.Provider{StreamFunc: func(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
			time.Sleep(60 * time.Millisecond)
			return forwardtest.Says("slow").StreamFunc(ctx, req, emit)
		}}
		d := deploy().with("slow", 1, slow).with("fast", 1, forwardtest.Says("fast"))
		d.policy.Strategy = routes.Fastest
		f := d.forwarder(t)
		var got []string
		for range 4 {
			got = append(got, answeredBy(t, f, ask("hi")))
		}
		want(t, "models", []string{"slow", "fast", "fast", "fast"}, got)
	})
}

func TestHealthOutlivesAReload(t *testing.T) {
	d := deploy().with("a", 1, forwardtest.Fails(dead)).with("b", 1, forwardtest.Says("b"))
	d.deps.Health = health.New()
	d.config.AttemptsPerModel, d.config.CircuitFailures, d.config.CircuitWindow = 1, 1, 1
	answeredBy(t, d.forwarder(t), ask("hi"))
	record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "path", []string{"a:skipped", "b:done"}, path(record))
}

func TestWeightsAreKeptToAndSticky(t *testing.T) {
	d := deploy().with("a", 1, forwardtest.Says("a")).with("b", 1, forwardtest.Says("b")).with("spare", 1, forwardtest.Says("c"))
	d.policy.Strategy, d.policy.Weights = routes.Weighted, map[string]int{"a": 80, "b": 20}
	f := d.forwarder(t)
	count, first := map[string]int{}, map[string]string{}
	for round := range 2 {
		for user := range 2000 {
			call := ask("hi")
			call.User = fmt.Sprint("user-", user)
			model := answeredBy(t, f, call)
			count[model]++
			if round == 0 {
				first[call.User] = model
			} else if first[call.User] != model {
				t.Fatalf("%s moved from %s to %s", call.User, first[call.User], model)
			}
		}
	}
	if a := count["a"]; a < 3100 || a > 3300 || count["spare"] != 0 {
		t.Errorf("4000 calls went to %v", count)
	}

	d.policy.Weights = map[string]int{"a": 70, "b": 30}
	f = d.forwarder(t)
	moved := 0
	for user, model := range first {
		call := ask("hi")
		call.User = user
		switch answeredBy(t, f, call) {
		case model:
		case "a":
			t.Fatalf("%s moved to the model that lost weight", user)
		default:
			moved++
		}
	}
	if moved < 100 || moved > 320 {
		t.Errorf("%d of 2000 users moved", moved)
	}
}

// budgeted is a deployment with a ledger that keeps its budgets.
func budgeted(t *testing.T, d *deployment, limits ...routes.Budget) *policy.Forwarder {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "calls.db"), store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d.deps.Budgets, d.deps.Log = accounting.NewBudgets(s, limits), accounting.Log{Ledger: s}
	return d.forwarder(t)
}

func TestBudgetRefuses(t *testing.T) {
	limit := int64(40_000)
	a, b := forwardtest.Says("1", "2"), forwardtest.Says("b")
	f := budgeted(t, deploy().with("a", 1, a).with("b", 0, b), routes.Budget{Name: "each", Per: routes.PerUser, USD: &limit})
	call := ask("one two")
	call.Request.MaxTokens, call.User = 20, "jo"
	for range 2 { // 26 are reserved, 12 spent by each
		answeredBy(t, f, call)
	}
	record, err := f.Forward(context.Background(), call, discard)
	var budget *forward.BudgetError
	if !errors.As(err, &budget) || budget.Spent != 24_000 || budget.Asked != 26_000 {
		t.Fatalf("error is %v", err)
	}
	want(t, "path", []string{"a:over_budget"}, path(record))
	if a.Calls() != 2 || b.Calls() != 0 {
		t.Errorf("%d and %d calls", a.Calls(), b.Calls())
	}
}

func TestBudgetDowngrades(t *testing.T) {
	limit := int64(100_000)
	d := deploy().with("dear", 9, forwardtest.Says("dear")).with("mid", 3, forwardtest.Says("mid")).
		with("same", 9, forwardtest.Says("same")).with("cheap", 1, forwardtest.Says("cheap"))
	f := budgeted(t, d, routes.Budget{Name: "each", Per: routes.PerTeam, USD: &limit, OnExceeded: routes.Downgrade})
	call := ask("one two")
	call.Request.MaxTokens = 20
	record, err := f.Forward(context.Background(), call, discard)
	if err != nil || !record.Downgraded {
		t.Fatal(err)
	}
	want(t, "path", []string{"dear:over_budget", "cheap:done"}, path(record))
	// 11 are spent by each of the next until the cheapest does not fit any more.
	var refused error
	for range 10 {
		if _, refused = f.Forward(context.Background(), call, discard); refused != nil {
			break
		}
	}
	if !errors.Is(refused, forward.ErrBudget) {
		t.Errorf("error is %v", refused)
	}
}

func TestUnpricedModelUnderABudget(t *testing.T) {
	limit := int64(1)
	provider := forwardtest.Says("x")
	f := budgeted(t, deploy().with("a", -1, provider), routes.Budget{Name: "each", Per: routes.PerUser, USD: &limit})
	_, err := f.Forward(context.Background(), ask("hi"), discard)
	if !errors.Is(err, forward.ErrUnpriced) || errors.Is(err, forward.ErrUnavailable) || provider.Calls() != 0 {
		t.Errorf("error is %v after %d calls", err, provider.Calls())
	}
}

// TestBudgetUnderLoad: callers at the same time do not spend the same money.
func TestBudgetUnderLoad(t *testing.T) {
	limit := int64(1_000_000)
	provider := forwardtest.Says("1", "2") // costs 12,000
	f := budgeted(t, deploy().with("a", 1, provider), routes.Budget{Name: "all", Per: routes.PerRoute, USD: &limit})
	call := ask("one two")
	call.Request.MaxTokens = 4
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for {
				if _, err := f.Forward(context.Background(), call, discard); err != nil {
					return
				}
			}
		})
	}
	group.Wait()
	if spent := int64(provider.Calls()) * 12_000; spent > limit+16*2_000 || spent < limit-16*10_000 {
		t.Errorf("spent %d of %d", spent, limit)
	}
}

// spends notes whose budgets are asked and refuses nothing.
type spends struct{ routes []string }

func (s *spends) Reserve(_ context.Context, c forward.Claim) (forward.Reservation, error) {
	s.routes = append(s.routes, c.Route)
	return s, nil
}

func (s *spends) Settle(int64, int64) {}

// TestARouteThatStandsIn: a call is served by the policy and the budgets of its
// route, and the record keeps that the decision had none.
func TestARouteThatStandsIn(t *testing.T) {
	d := three(routes.Cheapest).with("judge", 12, forwardtest.Says("1"))
	d.policy.Cascade = &routes.Cascade{Accept: []routes.Check{
		{Kind: routes.JudgedBy, Judge: &routes.Judge{Model: "judge", MinScore: 0.5}},
	}}
	var asked spends
	d.deps.Budgets = &asked
	call := ask("hi")
	call.Decision, call.Route = forward.Decision{Abstained: true, Reason: "below confidence"}, "r"
	record, err := d.forwarder(t).Forward(context.Background(), call, discard)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "path", []string{"cheap:done", "judge:done"}, path(record))
	want(t, "decision", call.Decision, record.Decision)
	want(t, "routes whose budgets were asked", []string{"r", "r"}, asked.routes)
}
