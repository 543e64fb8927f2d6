package live_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/eval/live"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// fake decides each prompt for the route that it names, and counts.
type fake struct {
	mu          sync.Mutex
	decided     int
	observed    int
	fingerprint string
	changes     bool // with each batch
	takes       time.Duration
}

func (f *fake) DecideBatch(ctx context.Context, prompts []router.Prompt, _ router.Limits) ([]router.Decision, error) {
	if f.takes > 0 {
		select {
		case <-time.After(f.takes):
		case <-ctx.Done():
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.changes {
		f.fingerprint += "+"
	}
	list := make([]router.Decision, len(prompts))
	for i, p := range prompts {
		f.decided++
		if !router.IsUnobserved(ctx) {
			f.observed++
		}
		list[i] = router.Decision{Route: p.Text, Leading: p.Text, Confidence: 0.9, Fingerprint: f.fingerprint, Candidates: []router.Candidate{{Route: p.Text, Probability: 0.9}}}
	}
	return list, nil
}

func (f *fake) Catalog() *routes.Catalog {
	return &routes.Catalog{Routes: []routes.Route{{Name: "a"}, {Name: "b"}}}
}

func (f *fake) Fingerprint() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fingerprint
}

var prompts = []routes.Labelled{{Text: "a", Route: "a"}, {Text: "b", Route: "b"}, {Text: "a", Route: "b"}, {Text: "x", Route: "gone"}}

func TestAGenerationIsMeasuredOnce(t *testing.T) {
	server := &fake{fingerprint: "1"}
	now := time.Unix(100, 0)
	e := live.New(server, prompts, func() time.Time { return now })
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			m, err := e.Measure(t.Context())
			if err != nil || m.Result.N != 3 || *m.Result.Accuracy < 0.66 || *m.Result.Accuracy > 0.67 || !m.Time.Equal(now) {
				t.Errorf("%+v, %v", m, err)
			}
		})
	}
	wait.Wait()
	once := server.decided
	if _, err := e.Measure(t.Context()); err != nil || server.decided != once {
		t.Errorf("%v: decided again", err)
	}
	if server.observed != 0 {
		t.Errorf("%d decisions were observed as traffic", server.observed)
	}
	server.fingerprint = "2"
	if m, err := e.Measure(t.Context()); err != nil || m.Result.Fingerprint != "2" || server.decided == once {
		t.Errorf("another generation: %+v, %v", m, err)
	}
}

// TestWhoLeavesLosesNoMeasure: the first that asks goes away, and the second has what
// was begun for the first.
func TestWhoLeavesLosesNoMeasure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{fingerprint: "1", takes: time.Second}
		e := live.New(server, prompts, nil)
		defer e.Close()
		ctx, leave := context.WithTimeout(t.Context(), time.Millisecond)
		defer leave()
		if _, err := e.Measure(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who leaves has %v", err)
		}
		m, err := e.Measure(t.Context())
		if err != nil || m.Result.N != 3 {
			t.Errorf("%+v, %v", m, err)
		}
		alone := &fake{fingerprint: "1"}
		if _, err := live.New(alone, prompts, nil).Measure(t.Context()); err != nil || server.decided != alone.decided {
			t.Errorf("%d prompts were decided, %d for one caller, %v", server.decided, alone.decided, err)
		}
	})
}

// TestCloseEndsWhatIsMeasured.
func TestCloseEndsWhatIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := live.New(&fake{fingerprint: "1", takes: time.Hour}, prompts, nil)
		asked := make(chan error)
		go func() {
			_, err := e.Measure(t.Context())
			asked <- err
		}()
		synctest.Wait()
		go e.Close()
		if err := <-asked; !errors.Is(err, context.Canceled) {
			t.Errorf("who waits has %v", err)
		}
	})
}

func TestWhatCannotBeMeasured(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		server  *fake
		prompts []routes.Labelled
		ctx     context.Context
		want    error
	}{
		"no prompts":           {&fake{}, nil, t.Context(), live.ErrNoPrompts},
		"changes all the time": {&fake{fingerprint: "1", changes: true}, prompts, t.Context(), live.ErrChanging},
		"nobody waits":         {&fake{fingerprint: "1"}, prompts, ended, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := live.New(c.server, c.prompts, nil).Measure(c.ctx); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}
