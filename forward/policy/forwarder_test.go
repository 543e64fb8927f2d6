package policy_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
)

// deployment is a catalog with one route "r" and fakes behind its models.
type deployment struct {
	models    []routes.Model
	providers map[string]forward.Provider
	policy    routes.Forwarding
	config    forward.Config
	deps      policy.Deps
}

func deploy() *deployment {
	return &deployment{providers: map[string]forward.Provider{}, config: quick()}
}

// with adds a model; the price is for input and output alike.
func (d *deployment) with(name string, usdPerMTok int64, p forward.Provider) *deployment {
	m := routes.Model{Name: name, Provider: routes.Ollama, Model: name}
	if usdPerMTok >= 0 {
		m.Prices = routes.Prices{{Rates: routes.Rates{InputPerMTok: usdPerMTok * 1e9, OutputPerMTok: usdPerMTok * 1e9}}}
	}
	return d.withModel(m, p)
}

func (d *deployment) withModel(m routes.Model, p forward.Provider) *deployment {
	d.models = append(d.models, m)
	d.providers[m.Name] = p
	return d
}

func (d *deployment) forwarder(t testing.TB) *policy.Forwarder {
	t.Helper()
	var names []string
	for _, m := range d.models {
		names = append(names, m.Name)
	}
	d.deps.Catalog = &routes.Catalog{
		Models: d.models, Routes: []routes.Route{{Name: "r", Models: names, Forwarding: d.policy}},
		Budgets: []routes.Budget{{Name: "some"}},
	}
	d.deps.Providers, d.deps.Tokens = d.providers, forwardtest.Words{}
	f, err := policy.New(d.deps, d.config)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func ask(prompt string) forward.Call {
	return forward.Call{Decision: forward.Decision{Route: "r"}, Request: forward.Ask(prompt), Prompt: prompt}
}

// inBubble runs a subtest whose time is not the machine's.
func inBubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

func discard(forward.Piece) error { return nil }

// path is model:status for every attempt.
func path(r forward.Record) []string {
	out := []string{}
	for _, a := range r.Attempts {
		out = append(out, a.Model+":"+string(a.Status))
	}
	return out
}

func want(t *testing.T, name string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

var dead = &forward.UpstreamError{Class: forward.ServerError, Status: 500, Message: "dead"}

func TestFailoverKeepsToTheNamedModelsInOrder(t *testing.T) {
	stranger := forwardtest.Says("never")
	d := deploy().with("a", 1, forwardtest.Fails(dead)).with("b", 1, forwardtest.Fails(dead)).
		with("c", 1, forwardtest.Says("hello")).with("stranger", 0, stranger)
	call := ask("hi")
	call.Models = []string{"a", "b", "c"}
	record, err := d.forwarder(t).Forward(context.Background(), call, discard)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "path", []string{"a:server_error", "a:server_error", "b:server_error", "c:done"}, path(record))
	if record.Model != "c" || stranger.Calls() != 0 {
		t.Errorf("answered by %q, the stranger was called %d times", record.Model, stranger.Calls())
	}
}

func TestRetriesLeaveAnAttemptForEveryModel(t *testing.T) {
	d := deploy().with("a", 1, forwardtest.Fails(dead)).with("b", 1, forwardtest.Fails(dead)).with("c", 1, forwardtest.Says("x"))
	d.policy.MaxAttempts = 3
	record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
	if err != nil {
		t.Errorf("error is %v", err)
	}
	want(t, "path", []string{"a:server_error", "b:server_error", "c:done"}, path(record))
}

func TestAttemptsRunOut(t *testing.T) {
	d := deploy().with("a", 1, forwardtest.Fails(dead)).with("b", 1, forwardtest.Fails(dead)).with("c", 1, forwardtest.Says("x"))
	d.policy.MaxAttempts = 2
	record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
	if !errors.Is(err, forward.ErrUnavailable) || !errors.Is(err, forward.ErrUpstream) {
		t.Errorf("error is %v", err)
	}
	want(t, "path", []string{"a:server_error", "b:server_error"}, path(record))
}

func TestOpenCircuitIsSkippedAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		a := &forwardtest.Provider{StreamFunc: func(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
			if broken.Load() {
				return forward.End{}, dead
			}
			return forwardtest.Says("a").StreamFunc(ctx, req, emit)
		}}
		d := deploy().with("a", 1, a).with("b", 1, forwardtest.Says("b"))
		d.config.AttemptsPerModel, d.config.CircuitFailures, d.config.CircuitWindow = 1, 2, 4
		d.config.CircuitDelay = 100 * time.Millisecond
		f := d.forwarder(t)
		var paths [][]string
		forwardOnce := func() {
			record, err := f.Forward(context.Background(), ask("hi"), discard)
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path(record))
		}
		forwardOnce()
		forwardOnce()
		forwardOnce()
		want(t, "paths", [][]string{{"a:server_error", "b:done"}, {"a:server_error", "b:done"}, {"a:skipped", "b:done"}}, paths)
		if a.Calls() != 2 {
			t.Errorf("the broken model was called %d times", a.Calls())
		}
		broken.Store(false)
		time.Sleep(101 * time.Millisecond)
		paths = nil
		forwardOnce()
		forwardOnce()
		want(t, "paths after recovery", [][]string{{"a:done"}, {"a:done"}}, paths)
	})
}

func TestPauseThatWasAskedForIsKept(t *testing.T) {
	a := forwardtest.Fails(&forward.UpstreamError{Class: forward.RateLimited, Status: 429, RetryAfter: time.Hour})
	d := deploy().with("a", 1, a).with("b", 1, forwardtest.Says("b"))
	f := d.forwarder(t)
	first, err1 := f.Forward(context.Background(), ask("hi"), discard)
	second, err2 := f.Forward(context.Background(), ask("hi"), discard)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	want(t, "first", []string{"a:rate_limited", "b:done"}, path(first))
	want(t, "second", []string{"a:skipped", "b:done"}, path(second))
}

func TestNothingIsRetriedAfterTheFirstPiece(t *testing.T) {
	a := &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		if err := emit(forward.Piece{Text: "half"}); err != nil {
			return forward.End{}, err
		}
		return forward.End{Usage: forward.Usage{InputTokens: 3, OutputTokens: 1}}, dead
	}}
	b := forwardtest.Says("b")
	d := deploy().with("a", 2, a).with("b", 1, b)
	record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
	if !errors.Is(err, forward.ErrInterrupted) || !errors.Is(err, forward.ErrUpstream) {
		t.Errorf("error is %v", err)
	}
	if a.Calls() != 1 || b.Calls() != 0 {
		t.Errorf("%d and %d calls", a.Calls(), b.Calls())
	}
	want(t, "usage", forward.Usage{InputTokens: 3, OutputTokens: 1}, record.Usage)
	want(t, "cost", int64(8000), record.Costs.Answer)
}

func TestCancellingTheCallerCancelsTheCall(t *testing.T) {
	for name, provider := range map[string]forward.Provider{
		"before the first piece": forwardtest.Silent(),
		"in mid-stream": &forwardtest.Provider{StreamFunc: func(ctx context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
			if err := emit(forward.Piece{Text: "x"}); err != nil {
				return forward.End{}, err
			}
			<-ctx.Done()
			return forward.End{}, ctx.Err()
		}},
	} {
		inBubble(t, name, func(t *testing.T) {
			d := deploy().with("a", 1, provider).with("b", 1, forwardtest.Says("b"))
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(20*time.Millisecond, cancel)
			record, err := d.forwarder(t).Forward(ctx, ask("hi"), discard)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v", err)
			}
			want(t, "path", []string{"a:cancelled"}, path(record))
		})
	}
}

func TestSinkErrorEndsTheCall(t *testing.T) {
	full := errors.New("no more")
	b := forwardtest.Says("b")
	d := deploy().with("a", 1, forwardtest.Says("1", "2", "3")).with("b", 1, b)
	n := 0
	_, err := d.forwarder(t).Forward(context.Background(), ask("hi"), func(forward.Piece) error {
		n++
		if n == 2 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || n != 2 || b.Calls() != 0 {
		t.Errorf("error is %v after %d pieces", err, n)
	}
}

// TestBackPressure: while the caller is busy, nothing is read upstream, and
// its slowness is not taken for the upstream's.
func TestBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead, taken, worst atomic.Int64
		provider := &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
			for range 5 {
				worst.Store(max(worst.Load(), ahead.Add(1)-taken.Load()))
				if err := emit(forward.Piece{Text: "x"}); err != nil {
					return forward.End{}, err
				}
			}
			return forward.End{Finish: forward.FinishStop}, nil
		}}
		d := deploy().with("a", 1, provider)
		d.config.IdleTimeout = 30 * time.Millisecond
		_, err := d.forwarder(t).Forward(context.Background(), ask("hi"), func(forward.Piece) error {
			time.Sleep(50 * time.Millisecond)
			taken.Add(1)
			return nil
		})
		if err != nil || worst.Load() != 1 {
			t.Errorf("error %v, the provider was %d pieces ahead", err, worst.Load())
		}
	})
}

func TestTotalDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := deploy().with("a", 1, forwardtest.Silent()).with("b", 1, forwardtest.Silent())
		d.policy.Timeouts.Total = 50 * time.Millisecond
		_, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
		var upstream *forward.UpstreamError
		if !errors.As(err, &upstream) || upstream.Class != forward.Timeout {
			t.Errorf("error is %v", err)
		}
	})
}

func TestConcurrencyLimit(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	slow := &forwardtest.Provider{StreamFunc: func(context.Context, forward.Request, func(forward.Piece) error) (forward.End, error) {
		entered <- struct{}{}
		<-leave
		return forward.End{Finish: forward.FinishStop}, nil
	}}
	d := deploy().withModel(routes.Model{Name: "a", MaxConcurrent: 1}, slow).with("b", 1, forwardtest.Says("b"))
	f := d.forwarder(t)
	done := make(chan error)
	go func() {
		_, err := f.Forward(context.Background(), ask("hi"), discard)
		done <- err
	}()
	<-entered
	record, err := f.Forward(context.Background(), ask("hi"), discard)
	close(leave)
	if err != nil || <-done != nil {
		t.Fatal(err)
	}
	want(t, "path", []string{"a:skipped", "b:done"}, path(record))
}

func TestHedge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent, fast := forwardtest.Silent(), forwardtest.Says("b")
		d := deploy().with("a", 1, silent).with("b", 2, fast)
		d.policy.HedgeAfter = 10 * time.Millisecond
		var got forward.Collector
		record, err := d.forwarder(t).Forward(context.Background(), ask("one two"), got.Add)
		if err != nil || got.Answer().Text != "b" || record.Model != "b" {
			t.Fatalf("got %q from %q, error %v", got.Answer().Text, record.Model, err)
		}
		lost, won := record.Attempts[0], record.Attempts[1]
		if won.Model == "a" {
			lost, won = won, lost
		}
		if lost.Status != forward.Lost || lost.Hedge || won.Status != forward.Done || !won.Hedge {
			t.Errorf("attempts: %+v", record.Attempts)
		}
		// The loser may have read the prompt: 2 words and 4 tokens for the message.
		want(t, "costs", forward.Costs{Answer: 22000, Failed: 6000, Dearest: 22000, Estimated: true}, record.Costs)
	})
}

func TestHedgeIsNotStartedOnceTheAnswerHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
			if err := emit(forward.Piece{Text: "a"}); err != nil {
				return forward.End{}, err
			}
			time.Sleep(50 * time.Millisecond)
			return forward.End{Finish: forward.FinishStop}, nil
		}}
		b := forwardtest.Says("b")
		d := deploy().with("a", 1, slow).with("b", 1, b)
		d.policy.HedgeAfter = 10 * time.Millisecond
		record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
		if err != nil || b.Calls() != 0 || record.Model != "a" {
			t.Errorf("error %v, %d calls, %+v", err, b.Calls(), record.Attempts)
		}
	})
}

func TestUnsupportedMovesOn(t *testing.T) {
	no := forwardtest.Fails(&forward.UnsupportedError{Provider: "p", Field: "seed"})
	d := deploy().with("a", 1, no).with("b", 1, forwardtest.Says("b"))
	record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "path", []string{"a:unsupported", "b:done"}, path(record))

	_, err = deploy().with("a", 1, no).forwarder(t).Forward(context.Background(), ask("hi"), discard)
	if !errors.Is(err, forward.ErrUnsupported) || errors.Is(err, forward.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}

func TestRecordCountsEveryCent(t *testing.T) {
	// The first model fails after it has sent nothing, which costs nothing; the
	// second answers with 10 tokens in and 2 out.
	d := deploy().with("a", 5, forwardtest.Fails(dead)).with("b", 2, forwardtest.Says("x", "y")).with("c", 9, forwardtest.Says("z"))
	call := ask("hi")
	call.RoutingCost = 77
	record, err := d.forwarder(t).Forward(context.Background(), call, discard)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "costs", forward.Costs{Answer: 24000, Routing: 77, Dearest: 108000}, record.Costs)
}

func TestProbe(t *testing.T) {
	d := deploy().with("good", 1, forwardtest.Says("ready")).with("bad", 1, forwardtest.Fails(dead))
	f := d.forwarder(t)
	got, err := f.Probe(context.Background(), "good")
	if err != nil || got.Status != forward.Done || got.Cost != 11_000 {
		t.Errorf("good: %+v, %v", got, err)
	}
	got, err = f.Probe(context.Background(), "bad")
	if !errors.Is(err, forward.ErrUpstream) || got.Status != "server_error" {
		t.Errorf("bad: %+v, %v", got, err)
	}
	if _, err = f.Probe(context.Background(), "nobody"); !errors.Is(err, forward.ErrUnknownModel) {
		t.Errorf("unknown: %v", err)
	}
}
