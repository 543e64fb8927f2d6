package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// largeCatalog has three routes of a hundred utterances, and others in place of the
// first ones of boats.
func largeCatalog(t *testing.T, others ...string) *routes.Catalog {
	t.Helper()
	var b strings.Builder
	b.WriteString("none: [what else, hello]\nroutes:\n")
	for _, route := range []string{"apples", "boats", "clouds"} {
		fmt.Fprintf(&b, "  - {name: %s, utterances: [", route)
		for i := range 100 {
			text := fmt.Sprintf("%s number %d", route, i)
			if route == "boats" && i < len(others) {
				text = others[i]
			}
			fmt.Fprintf(&b, "%q, ", text)
		}
		b.WriteString("]}\n")
	}
	return parse(t, b.String())
}

// counted is an embedder that counts its calls, in an engine that keeps all on
// disk or nothing.
func counted(t *testing.T, catalog *routes.Catalog, c Config) (*Engine, *embedtest.Fake) {
	t.Helper()
	s := newService(t)
	c.Embedder = EmbedderConfig{Kind: Ollama, Open: s.open}
	return inPlace(t, catalog, c), s.fake
}

// awaitStatus waits for a status of the engine.
func awaitStatus(t *testing.T, e *Engine, want func(Status) bool) Status {
	t.Helper()
	for {
		s, changed := e.StatusChange()
		if want(s) {
			return s
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("it never came to that; status %+v", s)
		}
	}
}

func TestAReturnToWhatIsKeptBuildsNothing(t *testing.T) {
	for name, back := range map[string]func(*Engine) error{
		"Rollback": func(e *Engine) error { return e.Rollback(t.Context()) },
		"Replace":  func(e *Engine) error { return e.Replace(t.Context(), catalogOf(t, "")) },
	} {
		e, fake := counted(t, catalogOf(t, ""), Config{})
		first := e.Status()
		if err := e.Replace(t.Context(), catalogOf(t, "sailing ships")); err != nil {
			t.Fatal(err)
		}
		second := e.Status().Fingerprint
		fake.Fail(errors.New("down"))
		if err := back(e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := e.Status(); got.Fingerprint != first.Fingerprint || got.Utterances != 12 || got.Swaps != 3 {
			t.Errorf("%s: status %+v, want the generation %s", name, got, first.Fingerprint)
		}
		fake.Fail(nil)
		d, err := e.Decide(t.Context(), router.Prompt{Text: "boats number 2"}, router.Limits{})
		if err != nil || d.Route != "boats" || d.Fingerprint != first.Fingerprint {
			t.Errorf("%s: decided %q on %s: %v", name, d.Route, d.Fingerprint, err)
		}
		if name == "Replace" { // which leads forth again, too
			fake.Fail(errors.New("down"))
			if err := e.Rollback(t.Context()); err != nil || e.Status().Fingerprint != second {
				t.Errorf("back to %s: %v", e.Status().Fingerprint, err)
			}
			fake.Fail(nil)
		}
	}
}

func TestWhatWasRolledBackIsNotTakenAgainUntilItChanges(t *testing.T) {
	e := inPlace(t, catalogOf(t, ""), Config{})
	second := catalogOf(t, "sailing ships")
	if err := e.Replace(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	for name, back := range map[string]func() error{
		"Rollback": func() error { return e.Rollback(t.Context()) },
		"Back":     func() error { return e.ReplaceBy(t.Context(), Replacement{Catalog: catalogOf(t, ""), Back: true}) },
	} {
		if err := back(); err != nil {
			t.Fatal(err)
		}
		if e.taken() != second.Fingerprint() {
			t.Errorf("%s: what Follow reads is new to it", name)
		}
	}
}

func TestWhatCannotBeCommittedChangesNothing(t *testing.T) {
	errFull := errors.New("no space left on device")
	e, _ := counted(t, catalogOf(t, ""), Config{})
	if err := e.Replace(t.Context(), catalogOf(t, "sailing ships")); err != nil {
		t.Fatal(err)
	}
	before := e.Status()
	for name, catalog := range map[string]*routes.Catalog{"a new one": catalogOf(t, "steam boats"), "one that is kept": catalogOf(t, "")} {
		err := e.ReplaceBy(t.Context(), Replacement{Catalog: catalog, Commit: func(context.Context) error { return errFull }})
		if !errors.Is(err, errFull) {
			t.Fatalf("%s: %v", name, err)
		}
		if got := e.Status(); got.Fingerprint != before.Fingerprint || !errors.Is(got.Err, errFull) || got.Swaps != before.Swaps {
			t.Errorf("%s: status %+v", name, got)
		}
	}
	if got := e.Status().Failures; got != 2 {
		t.Errorf("%d failures are counted, want 2", got)
	}
	if err := e.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, err := e.Decide(t.Context(), router.Prompt{Text: "boats number 2"}, router.Limits{}); err != nil || d.Route != "boats" {
		t.Errorf("what was kept decides %q: %v", d.Route, err)
	}
}

func TestAnotherModelLetsWhatIsKeptGo(t *testing.T) {
	s := newService(t)
	e := inPlace(t, catalogOf(t, ""), Config{Embedder: EmbedderConfig{Kind: Ollama, Open: s.open}})
	first := e.Status().Fingerprint
	if err := e.Replace(t.Context(), catalogOf(t, "sailing ships")); err != nil {
		t.Fatal(err)
	}
	s.swap(t, "model:2")
	if _, err := e.Decide(t.Context(), router.Prompt{Text: "boats"}, router.Limits{}); err == nil {
		t.Fatal("the model that is gone decides")
	}
	if err := e.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d, err := e.Decide(t.Context(), router.Prompt{Text: "boats number 2"}, router.Limits{}); err != nil || d.Route != "boats" || d.Fingerprint == first {
		t.Errorf("decided %q on %s: %v", d.Route, d.Fingerprint, err)
	}
}

func TestOneChangedUtteranceIsOneCallOfTheEmbedder(t *testing.T) {
	for name, c := range map[string]Config{
		"nothing kept":              {},
		"kept on disk":              {CacheDir: t.TempDir(), Index: IndexConfig{Kind: Memory, Name: "test"}},
		"before training, in haste": {updateFrom: 1, trainAfter: 1},
		"with a static stage":       {updateFrom: 1, trainAfter: 1, Settings: router.Settings{DegradeToStatic: true}},
	} {
		e, fake := counted(t, largeCatalog(t), c)
		before := fake.Calls()
		if err := e.Replace(t.Context(), largeCatalog(t, "sailing ships")); err != nil {
			t.Fatal(err)
		}
		if got := fake.Calls() - before; got != 1 {
			t.Errorf("%s: %d calls of the embedder, want 1", name, got)
		}
		if c.CacheDir != "" || c.updateFrom > 0 {
			continue
		}
		many := make([]string, 40)
		for i := range many {
			many[i] = fmt.Sprint("ship of the line ", i)
		}
		before, swaps := fake.Calls(), e.Status().Swaps
		if err := e.Replace(t.Context(), largeCatalog(t, many...)); err != nil {
			t.Fatal(err)
		}
		if got := fake.Calls() - before; got != 1 {
			t.Errorf("%s: %d calls of the embedder for forty changes at once, want 1", name, got)
		}
		if got := e.Status().Swaps - swaps; got != 1 {
			t.Errorf("%s: %d generations for forty changes at once", name, got)
		}
	}
}

func TestALargeCatalogIsServedBeforeItsTrainingIsOver(t *testing.T) {
	whole := inPlace(t, largeCatalog(t, "sailing ships"), Config{}).Status().Fingerprint
	var hasty [2]string
	for i := range hasty {
		e := inPlace(t, largeCatalog(t), Config{updateFrom: 1, trainAfter: 1})
		if err := e.Replace(t.Context(), largeCatalog(t, "sailing ships")); err != nil {
			t.Fatal(err)
		}
		got := awaitStatus(t, e, func(s Status) bool { return s.Untrained == 0 })
		if got.Fingerprint != whole || got.Swaps != 3 || got.Err != nil {
			t.Errorf("it ends on %+v, want generation %s", got, whole)
		}
		hasty[i] = e.order.Load().before.fingerprint
	}
	if hasty[0] != hasty[1] || hasty[0] == whole {
		t.Errorf("what is served first is %q and %q, what follows %s", hasty[0], hasty[1], whole)
	}
}

func TestWhatIsServedFirstKnowsTheChangeAndStaysWhereTheTrainedOneIsRefused(t *testing.T) {
	errNo := errors.New("no")
	e := inPlace(t, largeCatalog(t), Config{updateFrom: 1, trainAfter: 1, Check: func(_ context.Context, a *Assembly) error {
		if a.untrained() == 0 {
			return errNo
		}
		return nil
	}})
	if err := e.Replace(t.Context(), largeCatalog(t, "sailing ships")); err != nil {
		t.Fatal(err)
	}
	got := awaitStatus(t, e, func(s Status) bool { return s.Err != nil })
	if got.Untrained != 2 || got.Swaps != 2 || got.State != Serving || !errors.Is(got.Err, errNo) {
		t.Errorf("status %+v", got)
	}
	d, err := e.Decide(t.Context(), router.Prompt{Text: "sailing ships"}, router.Limits{})
	if err != nil || d.Candidates[0].Route != "boats" || d.Matches[0].Utterance != "sailing ships" || d.Fingerprint != got.Fingerprint {
		t.Errorf("decided %+v: %v", d, err)
	}
}

func TestAFailedChangeLetsTheTrainingGoOn(t *testing.T) {
	errNo := errors.New("no")
	refuse := largeCatalog(t, "steam boats").Fingerprint()
	e := inPlace(t, largeCatalog(t), Config{updateFrom: 1, trainAfter: 1, Check: func(_ context.Context, a *Assembly) error {
		if a.Generation.Catalog().Fingerprint() == refuse {
			return errNo
		}
		return nil
	}})
	if err := e.Replace(t.Context(), largeCatalog(t, "sailing ships")); err != nil {
		t.Fatal(err)
	}
	if err := e.Replace(t.Context(), largeCatalog(t, "steam boats")); !errors.Is(err, errNo) {
		t.Fatalf("error is %v", err)
	}
	awaitStatus(t, e, func(s Status) bool { return s.Untrained == 0 })
}

func TestManyChangesWaitForTheirTraining(t *testing.T) {
	e := inPlace(t, largeCatalog(t), Config{updateFrom: 1, trainAfter: 1})
	if err := e.Replace(t.Context(), largeCatalog(t, "sailing ships", "steam boats")); err != nil {
		t.Fatal(err)
	}
	if got := e.Status(); got.Untrained != 0 {
		t.Errorf("status %+v", got)
	}
}

func TestACandidateReachesNoPromptAndEmbedsWhatItChanges(t *testing.T) {
	for name, c := range map[string]Config{"in memory": {}, "in a shared index": {Index: storages(t)[Qdrant].config}} {
		e, fake := counted(t, catalogOf(t, ""), c)
		before, calls := e.Status(), fake.Calls()
		built, err := e.Candidate(t.Context(), catalogOf(t, "sailing ships"))
		if err != nil {
			t.Fatal(err)
		}
		if got := fake.Calls() - calls; got != 1 {
			t.Errorf("%s: %d calls of the embedder, want 1", name, got)
		}
		if d := decideText(t, built, "sailing ships"); d.Route != "boats" || d.Fingerprint == before.Fingerprint {
			t.Errorf("%s: the candidate decides %q on %s", name, d.Route, d.Fingerprint)
		}
		if err := built.Close(); err != nil {
			t.Error(err)
		}
		if got := e.Status(); got != before {
			t.Errorf("%s: status %+v, want %+v", name, got, before)
		}
		d, err := e.Decide(t.Context(), router.Prompt{Text: "boats number 2"}, router.Limits{})
		if err != nil || d.Route != "boats" || d.Fingerprint != before.Fingerprint {
			t.Errorf("%s: decided %q on %s: %v", name, d.Route, d.Fingerprint, err)
		}
	}
}
