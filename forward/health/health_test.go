package health_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/routes"
)

func model(c forward.Config) *health.Model {
	return health.New().Of(routes.Model{Name: "m"}, c.WithDefaults())
}

func TestTheSameUpstreamKeepsItsState(t *testing.T) {
	all, c := health.New(), forward.Config{}.WithDefaults()
	m := routes.Model{Name: "m", Provider: routes.OpenAI, Model: "x", BaseURL: "http://x"}
	first := all.Of(m, c)
	m.Prices, m.ContextTokens = routes.Prices{{}}, 10
	if all.Of(m, c) != first {
		t.Error("a price or a window made another upstream of it")
	}
	for name, other := range map[string]routes.Model{
		"name":    {Name: "n", Provider: m.Provider, Model: m.Model, BaseURL: m.BaseURL},
		"model":   {Name: m.Name, Provider: m.Provider, Model: "y", BaseURL: m.BaseURL},
		"address": {Name: m.Name, Provider: m.Provider, Model: m.Model, BaseURL: "http://y"},
		"places":  {Name: m.Name, Provider: m.Provider, Model: m.Model, BaseURL: m.BaseURL, MaxConcurrent: 1},
	} {
		if all.Of(other, c) == first {
			t.Errorf("another %s is the same upstream", name)
		}
	}
}

func TestACircuitOpensAndIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := model(forward.Config{CircuitFailures: 2, CircuitWindow: 4, CircuitDelay: time.Minute})
		enter := func() error { return m.Enter(context.Background(), time.Now(), 0, 0) }
		for _, v := range []health.Verdict{health.Sick, health.Unknown, health.Healthy, health.Sick} {
			if err := enter(); err != nil {
				t.Fatal(err)
			}
			m.Leave(v)
		}
		if err := enter(); !errors.Is(err, forward.ErrSkipped) {
			t.Fatalf("the circuit is not open: %v", err)
		}
		time.Sleep(time.Minute)
		if err := enter(); err != nil {
			t.Fatalf("it is not tried again: %v", err)
		}
		m.Leave(health.Unknown) // cut short while it was tried: that is not yet well
		if err := enter(); !errors.Is(err, forward.ErrSkipped) {
			t.Errorf("the circuit closed without an answer: %v", err)
		}
	})
}

func TestPlacesAndPausesAreWaitedForWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := health.New().Of(routes.Model{Name: "m", MaxConcurrent: 1}, forward.Config{}.WithDefaults())
		m.Rest(time.Now().Add(3 * time.Second))
		began := time.Now()
		if err := m.Enter(t.Context(), time.Now(), time.Second, 2*time.Second); !errors.Is(err, forward.ErrSkipped) || time.Since(began) != 0 {
			t.Errorf("a long pause: %v after %s", err, time.Since(began))
		}
		if err := m.Enter(t.Context(), time.Now(), time.Second, 4*time.Second); err != nil || time.Since(began) != 3*time.Second {
			t.Errorf("a short pause: %v after %s", err, time.Since(began))
		}
		if err := m.Enter(t.Context(), time.Now(), time.Second, 0); !errors.Is(err, forward.ErrSkipped) {
			t.Errorf("no place: %v", err)
		}
		time.AfterFunc(time.Second/2, func() { m.Leave(health.Healthy) })
		if err := m.Enter(t.Context(), time.Now(), time.Second, 0); err != nil {
			t.Errorf("a place that is given back: %v", err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("gone")
		cancel(gone)
		if err := m.Enter(ctx, time.Now(), time.Second, 0); !errors.Is(err, gone) {
			t.Errorf("the caller has gone: %v", err)
		}
	})
}

func TestSpeedIsAnAverageThatFades(t *testing.T) {
	m, now := model(forward.Config{SpeedMemory: time.Minute}), time.Unix(0, 0)
	if m.Expected(now) != 0 {
		t.Error("a model that was never seen has a speed")
	}
	m.Answered(now, time.Second, 2*time.Second, 11) // a second, then a tenth of one for each piece
	if got := m.Expected(now); got < 10.99 || got > 11.01 {
		t.Errorf("expected %v seconds", got)
	}
	m.Answered(now, 2*time.Second, 3*time.Second, 11)
	if got := m.Expected(now); got < 11.19 || got > 11.21 {
		t.Errorf("expected %v seconds after a slower one", got)
	}
	if m.Expected(now.Add(time.Minute+1)) != 0 {
		t.Error("it is remembered too long")
	}
}

func TestTheWindowThatWasRefused(t *testing.T) {
	m, now := model(forward.Config{}), time.Unix(0, 0)
	of := func(n int64) func() int64 { return func() int64 { return n } }
	tooLong := func(n int64) bool { return m.TooLong(now, of(n)) }
	if tooLong(1 << 40) {
		t.Error("nothing was refused yet")
	}
	m.Refused(now, 9001, 8192)
	if tooLong(8191) || !tooLong(8192) {
		t.Error("the named window is not kept to")
	}
	m.Refused(now, 7000, 8192) // it counts more than we do
	if tooLong(6999) || !tooLong(7000) {
		t.Error("the smaller estimate is not kept to")
	}
	m.Refused(now, 9000, 0)
	if !tooLong(7000) {
		t.Error("a larger refusal raised the bound")
	}
	m.Took(of(6999))
	if !tooLong(7000) {
		t.Error("a smaller prompt raised the bound")
	}
	m.Took(of(7000))
	if tooLong(7000) {
		t.Error("the bound outlives an answer to such a prompt")
	}
	m.Refused(now, 100, 0)
	now = now.Add(time.Hour + time.Second)
	if tooLong(100) {
		t.Error("it is remembered for more than an hour")
	}
}

func TestNewNamesAreBounded(t *testing.T) {
	m, news := model(forward.Config{}), 0
	for i := range 100 {
		for range 2 {
			if m.NewName(string(rune('a' + i))) {
				news++
			}
		}
	}
	if news != 16 {
		t.Errorf("%d names were new", news)
	}
}
