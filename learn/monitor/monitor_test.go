package monitor_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/learn/monitor"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

// built is a generation of a catalog with two routes and one model.
func built(t *testing.T, fitted *routes.Reference) *router.Generation {
	t.Helper()
	catalog := &routes.Catalog{
		Models: []routes.Model{{Name: "small", Provider: routes.Ollama, Model: "small"}},
		Routes: []routes.Route{
			{Name: "refunds", Utterances: []string{"i want my money back", "refund my order", "return the payment", "give back what i paid"}},
			{Name: "weather", Utterances: []string{"will it rain today", "how warm is it outside", "is it sunny", "weather for tomorrow"}},
		},
	}
	config := engine.Config{Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory}, Log: zerolog.Nop()}
	if fitted != nil {
		e, err := engine.OpenEmbedder(t.Context(), config.Embedder)
		if err != nil {
			t.Fatal(err)
		}
		catalog.Fitted = &routes.Fitted{Embedder: e.Fingerprint(), Training: catalog.TrainingFingerprint(), Reference: fitted}
	}
	a, err := engine.Build(t.Context(), catalog, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a.Generation
}

// watched runs a monitor on what feed gives it, to the end.
func watched(t *testing.T, m *monitor.Monitor, feed func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })
	feed()
	cancel()
	running.Wait()
}

var fitted = &routes.Reference{
	From: routes.FromPrompts, Prompts: 2000, Confidence: routes.Moments{Mean: 0.9, Deviation: 0.1},
	Similarity: routes.Moments{Mean: 0.8, Deviation: 0.1}, Abstained: 0.05, Shares: map[string]float64{"refunds": 0.5, "weather": 0.45},
}

// decision is one of the n of a generation that are like the fitted reference.
func decision(g *router.Generation, i int) *router.Decision {
	d := &router.Decision{Stage: router.StageSemantic, Confidence: 0.9, Nearest: 0.8, Fingerprint: g.Fingerprint()}
	switch {
	case i%20 == 0:
		d.Abstained, d.Stage, d.Reason = true, router.StageFallback, router.ReasonFar
	case i%2 == 0:
		d.Route = "refunds"
	default:
		d.Route = "weather"
	}
	return d
}

func begun(book *alarm.Book, lasting bool) map[string]bool {
	out := map[string]bool{}
	for _, a := range book.Alarms(lasting) {
		out[string(a.Source)+" "+a.Subject+" "+a.What] = true
	}
	return out
}

func TestAShiftRaisesAnAlarmAndAcceptingItEndsIt(t *testing.T) {
	g := built(t, fitted)
	book := alarm.NewBook(alarm.Config{})
	m := monitor.New(monitor.Config{Book: book})
	m.Generation(g)
	if err := m.Accept(); !errors.Is(err, monitor.ErrTooFew) {
		t.Errorf("accepting nothing: %v", err)
	}
	watched(t, m, func() {
		for i := range 2000 {
			m.Decided(nil, decision(g, i))
		}
	})
	if got := begun(book, false); len(got) > 0 {
		t.Fatalf("alarms without a shift: %v", got)
	}
	watched(t, m, func() {
		for i := range 1000 {
			d := decision(g, i)
			if i%4 == 0 {
				d.Route, d.Abstained, d.Confidence = "", true, 0.2
			}
			m.Decided(nil, d)
		}
	})
	if got := begun(book, true); !got["drift  abstention"] && !got["drift  confidence"] {
		t.Fatalf("alarms after a shift: %v", got)
	}
	if err := m.Accept(); err != nil {
		t.Fatal(err)
	}
	if got := begun(book, true); len(got) > 0 {
		t.Errorf("after accepting it: %v", got)
	}
	if r := m.Report(); r.Reference.From != routes.FromTraffic || r.Prompts != 0 || r.Reference.Abstained < 0.2 {
		t.Errorf("reference %+v after %d prompts", r.Reference, r.Prompts)
	}
}

func TestDecisionsOfAnotherGenerationAreLeftOut(t *testing.T) {
	g := built(t, nil)
	m := monitor.New(monitor.Config{Book: alarm.NewBook(alarm.Config{})})
	m.Generation(g)
	watched(t, m, func() {
		for i := range 10 {
			d := decision(g, i)
			if i < 3 {
				d.Fingerprint = "the one before"
			}
			m.Decided(nil, d)
		}
	})
	r := m.Report()
	if r.Prompts != 7 || r.LeftOut != 3 || r.Dropped != 0 || r.Reference.From != routes.FromUtterances {
		t.Errorf("%d decisions, %d left out, %d dropped, reference of %s", r.Prompts, r.LeftOut, r.Dropped, r.Reference.From)
	}
}

func TestAFullQueueDropsAndCounts(t *testing.T) {
	g := built(t, nil)
	m := monitor.New(monitor.Config{Book: alarm.NewBook(alarm.Config{})})
	m.Generation(g)
	for i := range 10_000 {
		m.Decided(nil, decision(g, i)) // nobody looks
	}
	watched(t, m, func() {})
	if r := m.Report(); r.Prompts+r.Dropped != 10_000 || r.Dropped == 0 {
		t.Errorf("%d looked at, %d dropped", r.Prompts, r.Dropped)
	}
}

func answered(name string) forward.Record {
	return forward.Record{Forwarded: true, Attempts: []forward.Attempt{{Model: "small", Status: forward.Done, Answered: name}}}
}

func TestWhatWasLearntOutlivesTheProcess(t *testing.T) {
	g := built(t, fitted)
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "kept.db"), store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	begin := func() (*monitor.Monitor, *alarm.Book) {
		book := alarm.NewBook(alarm.Config{})
		m := monitor.New(monitor.Config{Book: book, Values: kept})
		m.Restore(t.Context())
		m.Generation(g)
		return m, book
	}
	first, _ := begin()
	watched(t, first, func() {
		for i := range 100 {
			first.Decided(nil, decision(g, i))
		}
		first.Append(answered("small-08"))
		first.Append(forward.Record{Decision: forward.Decision{Stage: "SEMANTIC"}}) // without a call
	})
	second, book := begin()
	ignore := cmpopts.IgnoreFields(drift.Number{}, "Window")
	if diff := cmp.Diff(first.Report(), second.Report(), ignore, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Errorf("(-before +after a restart):\n%s", diff)
	}
	watched(t, second, func() { second.Append(answered("small-11")) })
	if got := begun(book, false); !got["name small small-11"] {
		t.Errorf("a silent update over a restart raises %v", got)
	}
	_, book = begin()
	if got := begun(book, false); !got["name small small-11"] {
		t.Errorf("alarms after another restart: %v", got)
	}
	if _, err := kept.PutValue(t.Context(), "monitor", "local", []byte("{"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if broken, _ := begin(); broken.Report().Prompts != 0 {
		t.Error("what cannot be read was taken")
	}
}
