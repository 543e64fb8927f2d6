package engine

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// inPlace is an engine with a first generation of the catalog.
func inPlace(t *testing.T, catalog *routes.Catalog, c Config) *Engine {
	t.Helper()
	c.Log, c.Prune = zerolog.Nop(), true
	if c.Embedder.Kind == "" {
		c.Embedder.Kind = Static
	}
	if c.Index.Kind == "" {
		c.Index.Kind = Memory
	}
	e := New(catalog, c)
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestRollbackReturnsAsFarAsIsKept(t *testing.T) {
	catalogs := []*routes.Catalog{catalogOf(t, ""), catalogOf(t, "one"), catalogOf(t, "two"), catalogOf(t, "three")}
	for keep, wantBack := range map[int]int{0: 2, 1: 1, 3: 3, -1: 0} {
		e := inPlace(t, catalogs[0], Config{Keep: keep})
		prints := []string{e.Status().Fingerprint}
		for _, c := range catalogs[1:] {
			if err := e.Replace(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			prints = append(prints, e.Status().Fingerprint)
		}
		if err := e.Replace(t.Context(), catalogOf(t, "three")); err != nil { // the same once more is no step
			t.Fatal(err)
		}
		for back := 1; back <= wantBack; back++ {
			if err := e.Rollback(t.Context()); err != nil {
				t.Fatalf("keep %d: step %d: %v", keep, back, err)
			}
			if got := e.Status().Fingerprint; got != prints[3-back] || e.Catalog() != catalogs[3-back] {
				t.Errorf("keep %d: step %d leads to generation %s, want %s", keep, back, got, prints[3-back])
			}
		}
		if err := e.Rollback(t.Context()); !errors.Is(err, ErrNothingEarlier) {
			t.Errorf("keep %d: one step too far: %v", keep, err)
		}
	}
}

func TestWhatIsRefusedChangesNothing(t *testing.T) {
	errNo := errors.New("no")
	for name, c := range map[string]Config{
		"by the check":      {Check: func(context.Context, *Assembly) error { return errNo }},
		"before the swap":   {},
		"in a shared index": {Index: storages(t)[Qdrant].config, Check: func(context.Context, *Assembly) error { return errNo }},
	} {
		t.Run(name, func(t *testing.T) {
			var refusing bool
			c.BeforeSwap = func(context.Context, *router.Generation) error {
				if refusing && c.Check == nil {
					return errNo
				}
				return nil
			}
			e := inPlace(t, catalogOf(t, ""), c)
			before := e.Status()
			refusing = true
			if err := e.Replace(t.Context(), catalogOf(t, "sailing ships")); !errors.Is(err, errNo) {
				t.Fatalf("error is %v", err)
			}
			if got := e.Status(); got.Fingerprint != before.Fingerprint || got.State != Serving || !errors.Is(got.Err, errNo) {
				t.Errorf("status %+v", got)
			}
			d, err := e.Decide(t.Context(), router.Prompt{Text: "sailing ships"}, router.Limits{Matches: 20})
			if err != nil || d.Fingerprint != before.Fingerprint {
				t.Fatalf("decided on %s: %v", d.Fingerprint, err)
			}
			if slices.ContainsFunc(d.Matches, func(m router.Match) bool { return m.Utterance == "sailing ships" }) {
				t.Error("it finds an utterance of the catalog that was refused")
			}
			if err := e.Rollback(t.Context()); !errors.Is(err, ErrNothingEarlier) {
				t.Errorf("what was refused can be rolled back: %v", err)
			}
		})
	}
}

// TestBackAndForthInASharedIndex holds that what one generation removes is there
// again for the next one that wants it.
func TestBackAndForthInASharedIndex(t *testing.T) {
	e := inPlace(t, catalogOf(t, ""), Config{Index: storages(t)[Qdrant].config})
	for range 20 {
		if err := e.Replace(t.Context(), catalogOf(t, "sailing ships")); err != nil {
			t.Fatal(err)
		}
		if err := e.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	e.building.Lock()
	err := e.settled(t.Context())
	e.building.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	held, err := e.current.Entries(t.Context())
	if err != nil || len(held) != 12 {
		t.Errorf("%d utterances are left, want 12: %v", len(held), err)
	}
}

func TestADeciderOfAGenerationDisturbsItNot(t *testing.T) {
	e := inPlace(t, catalogOf(t, ""), Config{Check: func(ctx context.Context, built *Assembly) error {
		d, err := built.Decider()
		if err != nil {
			return err
		}
		got, err := d.Decide(ctx, router.Prompt{Text: "sailing ships"}, router.Limits{})
		if err == nil && (got.Route != "boats" || got.Fingerprint != built.Generation.Fingerprint()) {
			t.Errorf("decided %q on %s", got.Route, got.Fingerprint)
		}
		return err
	}})
	if err := e.Replace(t.Context(), catalogOf(t, "sailing ships")); err != nil {
		t.Fatal(err)
	}
}

func TestAChangeEmbedsWhatItChangedAlsoWhereNothingIsKeptOnDisk(t *testing.T) {
	for _, kind := range []string{Static, Ollama} {
		e := inPlace(t, catalogOf(t, ""), Config{
			Embedder: EmbedderConfig{Kind: kind, Open: newService(t).open}, Settings: router.Settings{DegradeToStatic: true},
		})
		for _, change := range []string{"sailing ships", "steam boats"} {
			if err := e.Replace(t.Context(), catalogOf(t, change)); err != nil {
				t.Fatal(err)
			}
			if s := e.current.Synced; s.Embedded != 1 || s.Utterances != 12 {
				t.Errorf("%s: %d of %d utterances were embedded, want one of 12", kind, s.Embedded, s.Utterances)
			}
			held, err := e.current.Entries(t.Context())
			if err != nil || len(held) != 12 {
				t.Errorf("%s: the index holds %d utterances, want 12: %v", kind, len(held), err)
			}
		}
	}
}
