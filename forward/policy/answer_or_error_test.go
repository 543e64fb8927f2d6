package policy_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

func TestTheLastAttemptIsTheLastModels(t *testing.T) {
	for _, c := range []struct {
		models, attempts int
		path             []string
	}{
		{5, 0, []string{"m0:rejected", "m1:rejected", "m2:rejected", "m4:done"}}, // four attempts by default
		{2, 1, []string{"m1:done"}},
		{3, 2, []string{"m0:rejected", "m2:done"}},
		{3, 3, []string{"m0:rejected", "m1:rejected", "m2:done"}},
	} {
		t.Run(fmt.Sprintf("%d models, %d attempts", c.models, c.attempts), func(t *testing.T) {
			d := deploy()
			for i := range c.models {
				d.with(fmt.Sprint("m", i), int64(i), forwardtest.Says("says ", fmt.Sprint("m", i)))
			}
			d.policy.MaxAttempts = c.attempts
			d.policy.Cascade = &routes.Cascade{Accept: []routes.Check{{Kind: routes.MatchesRegex, Pattern: "^never$"}}}
			var got forward.Collector
			record, err := d.forwarder(t).Forward(t.Context(), ask("hi"), got.Add)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "path", c.path, path(record))
			want(t, "text", "says "+record.Model, got.Answer().Text)
		})
	}
}

// TestAnAnswerOrATypedError holds for any cascade, hedge, attempt limit and
// misbehaviour: success has a model and its whole answer, failure has a kind,
// and nothing that was reserved stays reserved.
func TestAnAnswerOrATypedError(t *testing.T) {
	seeds := uint64(3000)
	if testing.Short() {
		seeds = 500
	}
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) { answerOrTypedError(t, seed) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// kinds are those that Forward promises.
var kinds = []error{
	forward.ErrUnavailable, forward.ErrUpstream, forward.ErrInterrupted, forward.ErrNoModel, forward.ErrBudget,
	forward.ErrUnpriced, forward.ErrUnsupported, forward.ErrTooLong, forward.ErrFiltered,
}

func answerOrTypedError(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	d := deploy()
	for i := range 1 + r.IntN(6) {
		name := fmt.Sprint("m", i)
		d.with(name, int64(r.IntN(5))-1, misbehaving(r, name))
	}
	names := len(d.models)
	d.with("judge", 1, misbehaving(r, "0.9"))
	d.policy.MaxAttempts = r.IntN(6)
	if r.IntN(2) == 0 {
		d.policy.HedgeAfter = time.Duration(1+r.IntN(3)) * time.Second
	}
	if r.IntN(2) == 0 {
		d.policy.Cascade = &routes.Cascade{Accept: someChecks(r)}
	}
	d.policy.Strategy = []routes.Strategy{"", routes.Cheapest, routes.Fastest, routes.Weighted}[r.IntN(4)]
	if r.IntN(3) == 0 {
		d.policy.Timeouts.Total = time.Duration(r.IntN(60)) * time.Second
	}
	held := &reservations{random: r.IntN(4) == 0, seed: seed}
	d.deps.Budgets = held
	call := ask("hi")
	for _, m := range d.models[:names] {
		call.Models = append(call.Models, m.Name)
	}
	var got forward.Collector
	record, err := d.forwarder(t).Forward(t.Context(), call, got.Add)

	text := got.Answer().Text
	switch {
	case err == nil:
		if record.Model == "" || (text != "" && text != record.Model) || record.Error != "" {
			t.Errorf("success by %q with the text %q: %+v", record.Model, text, record)
		}
	case !isOneOf(err, kinds):
		t.Errorf("the error has no kind: %v", err)
	case text != "" && !errors.Is(err, forward.ErrInterrupted):
		t.Errorf("%q reached the caller, error %v", text, err)
	}
	if held.open.Load() != 0 {
		t.Errorf("%d reservations are still held: %+v", held.open.Load(), record.Attempts)
	}
}

func isOneOf(err error, kinds []error) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// misbehaving answers with its name in two pieces, or fails in some way at some
// point of that. It behaves anew at every call.
func misbehaving(r *rand.Rand, name string) *forwardtest.Provider {
	classes := []forward.Class{
		forward.RateLimited, forward.ServerError, forward.Timeout, forward.BadRequest, forward.Auth, forward.NotFound,
		forward.Garbage, forward.Reset, forward.TooLarge, forward.Unreachable, forward.OutOfCredit, forward.ContextLength,
		forward.ContentFilter, forward.UnsupportedInput,
	}
	seed := r.Uint64()
	var calls atomic.Uint64
	fail := func(ctx context.Context, r *rand.Rand) error {
		switch r.IntN(8) {
		case 0:
			panic("the provider's code is wrong")
		case 1:
			return errors.New("of no kind")
		case 2:
			<-ctx.Done()
			return ctx.Err()
		case 3:
			return &forward.UnsupportedError{Provider: "p", Field: "f"}
		case 4:
			return &forward.UpstreamError{Class: forward.RateLimited, RetryAfter: time.Duration(r.IntN(5)) * time.Second}
		}
		return &forward.UpstreamError{Class: classes[r.IntN(len(classes))]}
	}
	return &forwardtest.Provider{StreamFunc: func(ctx context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		r := rand.New(rand.NewPCG(seed, calls.Add(1)))
		for _, piece := range []string{"", name[:1], name[1:]} {
			if r.IntN(5) == 0 {
				time.Sleep(time.Duration(r.IntN(5)) * time.Second)
			}
			if r.IntN(6) == 0 {
				return forward.End{}, fail(ctx, r)
			}
			if err := emit(forward.Piece{Text: piece}); err != nil {
				return forward.End{}, err
			}
		}
		return forward.End{Finish: forward.FinishStop}, nil
	}}
}

func someChecks(r *rand.Rand) []routes.Check {
	all := []routes.Check{
		{Kind: routes.NotEmpty},
		{Kind: routes.MatchesRegex, Pattern: "^m[024]$"},
		{Kind: routes.WhenTrue, When: "1/(size(answer)-2) > 0"},
		{Kind: routes.JudgedBy, Judge: &routes.Judge{Model: "judge", MinScore: 0.5}},
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:1+r.IntN(len(all))]
}

// reservations counts what is held. When random it refuses some claims, and
// some it does not survive.
type reservations struct {
	random bool
	seed   uint64
	calls  atomic.Uint64
	open   atomic.Int64
}

func (h *reservations) Reserve(context.Context, forward.Claim) (forward.Reservation, error) {
	r := rand.New(rand.NewPCG(h.seed, h.calls.Add(1)))
	if h.random {
		switch r.IntN(8) {
		case 0:
			return nil, &forward.BudgetError{Name: "b", Downgrade: r.IntN(2) == 0}
		case 1:
			return nil, errors.New("the disk is full")
		case 2:
			panic("the ledger's code is wrong")
		}
	}
	h.open.Add(1)
	return &reservation{of: h}, nil
}

type reservation struct {
	of      *reservations
	settled bool
}

func (r *reservation) Settle(int64, int64) {
	if !r.settled {
		r.settled = true
		r.of.open.Add(-1)
	}
}

// TestATimeoutWhileJudgingIsATimeout: the call's own limit ends while a judge
// is silent, and the error says so.
func TestATimeoutWhileJudgingIsATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := cascading(forwardtest.Says("x"), routes.Check{Kind: routes.JudgedBy, Judge: &routes.Judge{Model: "judge", MinScore: 0.7}})
		d.with("judge", 2, forwardtest.Silent())
		d.policy.Timeouts.Total = 5 * time.Second
		call := ask("hi")
		call.Models = []string{"cheap", "dear"}
		_, err := d.forwarder(t).Forward(t.Context(), call, discard)
		var upstream *forward.UpstreamError
		if !errors.As(err, &upstream) || upstream.Class != forward.Timeout || !strings.Contains(err.Error(), "the call took too long") {
			t.Errorf("error is %v", err)
		}
	})
}

// TestAJudgesFailureIsNotTheCalls: whatever ails the judge, its answer is not
// there to accept, so the next model is asked.
func TestAJudgesFailureIsNotTheCalls(t *testing.T) {
	for name, judge := range map[string]*forwardtest.Provider{
		"refuses the request": forwardtest.Fails(&forward.UpstreamError{Class: forward.BadRequest, Status: 400}),
		"is down":             forwardtest.Fails(dead),
		"cannot be asked":     forwardtest.Fails(&forward.UnsupportedError{Provider: "p", Field: "temperature"}),
		"panics":              panics("before", 0),
	} {
		t.Run(name, func(t *testing.T) {
			d := cascading(forwardtest.Says("x"), routes.Check{Kind: routes.JudgedBy, Judge: &routes.Judge{Model: "judge", MinScore: 0.7}})
			d.with("judge", 2, judge)
			call := ask("hi")
			call.Models = []string{"cheap", "dear"}
			record, err := d.forwarder(t).Forward(t.Context(), call, discard)
			if err != nil || record.Model != "dear" || record.Attempts[0].Status != forward.Rejected {
				t.Errorf("answered by %q, error %v, %v", record.Model, err, path(record))
			}
		})
	}
}
