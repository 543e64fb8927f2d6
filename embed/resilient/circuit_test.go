package resilient

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
)

func TestCircuitPassesTheSuite(t *testing.T) {
	embedtest.Run(t, func(t *testing.T) embed.Embedder {
		c := NewCircuit(newFake(t, embedtest.Config{MaxBytes: 1000}), CircuitConfig{})
		t.Cleanup(c.Close)
		return c
	})
}

func newFake(t *testing.T, config embedtest.Config) *embedtest.Fake {
	t.Helper()
	fake, err := embedtest.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return fake
}

// world is a circuit in a bubble, with what it told.
type world struct {
	*Circuit
	server *embedtest.Fake
	told   []string
	start  time.Time
}

func newWorld(t *testing.T, config CircuitConfig) *world {
	w := &world{server: newFake(t, embedtest.Config{}), start: time.Now()}
	config.OnChange = func(cause error) { w.told = append(w.told, fmt.Sprintf("%s: %v", time.Since(w.start), cause)) }
	w.Circuit = NewCircuit(w.server, config)
	t.Cleanup(w.Close)
	return w
}

// call asks with a deadline and says how long the answer took.
func (w *world) call(t *testing.T, limit time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	start := time.Now()
	_, err := w.EmbedQueries(ctx, []string{"a prompt"})
	return time.Since(start), err
}

func TestAHangingServerIsNotWaitedForAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, CircuitConfig{})
		w.server.Hang(true)
		for i := range DefaultFailures {
			if took, err := w.call(t, time.Second); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("call %d: %v after %v", i, err, took)
			}
		}
		took, err := w.call(t, time.Second)
		if took != 0 || !errors.Is(err, embed.ErrCircuitOpen) || !errors.Is(err, embed.ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with an open circuit: %v after %v", err, took)
		}
		time.Sleep(time.Minute)
		if _, err := w.call(t, time.Second); !errors.Is(err, embed.ErrCircuitOpen) {
			t.Errorf("while it still hangs: %v", err)
		}
		w.server.Hang(false)
		time.Sleep(DefaultProbeMost) // the probe under way hangs for good; the next one answers
		synctest.Wait()
		if took, err := w.call(t, time.Second); took != 0 || err != nil {
			t.Errorf("once it answers: %v after %v", err, took)
		}
		if w.Cause() != nil || len(w.told) != 2 {
			t.Errorf("cause %v, told %v", w.Cause(), w.told)
		}
	})
}

func TestAServerThatIsBackIsFoundWithoutACaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, CircuitConfig{})
		w.server.Fail(embed.ErrUnreachable)
		for range DefaultFailures {
			_, _ = w.call(t, time.Second)
		}
		time.Sleep(2500 * time.Millisecond)
		w.server.Fail(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		want := []string{"0s: fake embedder: embedding server is unreachable", "3s: <nil>"}
		if diff := cmp.Diff(want, w.told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		calls := w.server.Calls()
		if _, err := w.call(t, time.Second); err != nil || w.server.Calls() != calls+1 {
			t.Errorf("got %v", err)
		}
	})
}

// A large model takes longer to load than the first probe waits, and loading
// starts anew with each.
func TestProbesBecomeMorePatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const loading = time.Minute
		var waited []time.Duration
		w := newWorld(t, CircuitConfig{ProbeTimeout: 10 * time.Second, Probe: func(ctx context.Context) error {
			start := time.Now()
			defer func() { waited = append(waited, time.Since(start)) }()
			select {
			case <-time.After(loading):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}})
		w.server.Fail(embed.ErrServer)
		for range DefaultFailures {
			_, _ = w.call(t, time.Second)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, loading}, waited); diff != "" {
			t.Errorf("probes took (-want +got):\n%s", diff)
		}
		if w.Cause() != nil {
			t.Errorf("still open: %v", w.Cause())
		}
	})
}

func TestWhatIsChargedToTheServer(t *testing.T) {
	texts := &embed.TextsError{Failed: []embed.FailedText{{Err: embed.ErrEmbed}}}
	for _, test := range []struct {
		name string
		err  error
		took time.Duration
		want verdict
	}{
		{"an answer", nil, time.Hour, healthy},
		{"a text that cannot be embedded", texts, 0, healthy},
		{"nobody answers", embed.ErrUnreachable, 0, failed},
		{"the server is broken", embed.ErrServer, 0, failed},
		{"a caller waited in vain", context.DeadlineExceeded, DefaultPatience, failed},
		{"a caller was in a hurry", context.DeadlineExceeded, DefaultPatience - 1, unknown},
		{"a caller gave up waiting", context.Canceled, givenUp * DefaultPatience, failed},
		{"a caller left", context.Canceled, givenUp*DefaultPatience - 1, unknown},
		{"the model has changed", embed.ErrModelChanged, 0, unknown},
		{"the answer is of no use", embed.ErrEmbed, 0, unknown},
	} {
		c := NewCircuit(nil, CircuitConfig{})
		if got := c.charge(fmt.Errorf("wrapped: %w", test.err), test.took); test.err != nil && got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestASuccessBetweenFailuresKeepsTheCircuitClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, CircuitConfig{})
		for i := range 20 {
			if i%DefaultFailures == DefaultFailures-1 {
				w.server.Fail(nil)
			} else {
				w.server.Fail(embed.ErrUnreachable)
			}
			if _, err := w.call(t, time.Second); errors.Is(err, embed.ErrCircuitOpen) {
				t.Fatalf("call %d: %v", i, err)
			}
		}
	})
}

func TestDocumentsPassAnOpenCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, CircuitConfig{Probe: func(context.Context) error { return embed.ErrServer }})
		w.server.Fail(embed.ErrUnreachable)
		for range DefaultFailures {
			_, _ = w.call(t, time.Second)
		}
		w.server.Fail(nil)
		if _, err := w.EmbedDocuments(t.Context(), []string{"an utterance"}); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestCloseEndsTheProbing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails while a goroutine is left
		w := newWorld(t, CircuitConfig{Probe: func(context.Context) error { panic("boom") }})
		w.server.Fail(embed.ErrUnreachable)
		for range DefaultFailures {
			_, _ = w.call(t, time.Second)
		}
		time.Sleep(time.Minute)
		w.Close()
		w.Close()
		w.open(embed.ErrUnreachable) // too late to start another
	})
}
