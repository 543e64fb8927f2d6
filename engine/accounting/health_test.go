package accounting_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine/accounting"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/store"
)

// ledger is a store that does as it is told.
type ledger struct {
	mu    sync.Mutex
	stats store.Stats
}

func (l *ledger) Append(store.Record)        {}
func (l *ledger) Sync(context.Context) error { return nil }

func (l *ledger) Stats() store.Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats
}

func (l *ledger) does(s store.Stats) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats = s
}

type decider struct{}

func (decider) Decide(context.Context, router.Prompt, router.Limits) (router.Decision, error) {
	return router.Decision{Degraded: []router.Degradation{{Cause: router.CauseRule, Text: "first"}}}, nil
}

func (decider) DecideBatch(_ context.Context, p []router.Prompt, _ router.Limits) ([]router.Decision, error) {
	return make([]router.Decision, len(p)), nil
}

// TestDecisionsSayThatTheStoreFails, as long as it does.
func TestDecisionsSayThatTheStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l ledger
		var log bytes.Buffer
		h := accounting.NewHealth(&l, zerolog.New(&log))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); h.Run(ctx) }()
		degraded := func(want ...string) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			one, _ := h.Telling(decider{}).Decide(ctx, router.Prompt{}, router.Limits{})
			list, _ := h.Telling(decider{}).DecideBatch(ctx, make([]router.Prompt, 2), router.Limits{})
			if diff := cmp.Diff(append([]string{"first"}, want...), one.DegradedTexts()); diff != "" {
				t.Errorf("degraded (-want +got):\n%s", diff)
			}
			for _, d := range list {
				if diff := cmp.Diff(want, d.DegradedTexts()); diff != "" {
					t.Errorf("degraded of a batch (-want +got):\n%s", diff)
				}
			}
		}
		degraded()
		l.does(store.Stats{Failing: "connection refused", Waiting: 3})
		degraded("the store fails: records wait, and budgets may refuse calls")
		l.does(store.Stats{Lost: 2, LastError: "no room"})
		degraded()
		time.Sleep(time.Minute)
		cancel()
		<-done
		for _, said := range []string{"connection refused", "works again", "records could not be kept", "no room"} {
			if n := strings.Count(log.String(), said); n != 1 {
				t.Errorf("the log says %d times %q:\n%s", n, said, log.String())
			}
		}
	})
}
