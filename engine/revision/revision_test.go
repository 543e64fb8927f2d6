package revision_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

const base = `
routes:
  - {name: apples, utterances: [apples number 0, apples number 1, apples number 2, apples number 3]}
  - {name: boats, utterances: [boats number 0, boats number 1, boats number 2, boats number 3]}
`

func parse(t *testing.T, text string) *routes.Catalog {
	t.Helper()
	c, err := routes.Parse("catalog.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// add puts an utterance to boats.
func add(text string) []edit.Change {
	return []edit.Change{{Add: &edit.Utterances{Route: "boats", Texts: []string{text}}}}
}

// process is one that serves.
type process struct {
	*revision.Source
	engine *engine.Engine
	fake   *embedtest.Fake
	config engine.Config
}

// start is a process with a store, or files where it is nil.
func start(t *testing.T, kept revision.Store, load func() (*routes.Catalog, error), change func(*engine.Config)) *process {
	t.Helper()
	fake, err := embedtest.New(embedtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p := &process{fake: fake, config: engine.Config{
		Embedder: engine.EmbedderConfig{Kind: engine.Ollama, Open: func(context.Context) (embed.Embedder, error) { return fake, nil }},
		Index:    engine.IndexConfig{Kind: engine.Memory}, Log: zerolog.Nop(),
	}}
	if change != nil {
		change(&p.config)
	}
	var first revision.First
	if kept != nil {
		first, err = revision.Beginning{Store: kept, Files: load}.Begin(t.Context())
	} else {
		first.Catalog, err = load()
	}
	if err != nil {
		t.Fatal(err)
	}
	p.engine = engine.New(first.Catalog, p.config)
	if err := p.engine.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.engine.Close(); err != nil {
			t.Error(err)
		}
	})
	p.Source = revision.New(revision.Config{Engine: p.engine, Store: kept, Load: load, Log: zerolog.Nop()}, first)
	return p
}

func files(t *testing.T) func() (*routes.Catalog, error) {
	return func() (*routes.Catalog, error) { return parse(t, base), nil }
}

func openStore(t *testing.T) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), store.Config{Prompts: store.NoPrompts, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// decide is the route and the generation of a prompt, and its nearest utterance.
func (p *process) decide(t *testing.T, text string) router.Decision {
	t.Helper()
	d, err := p.engine.Decide(t.Context(), router.Prompt{Text: text}, router.Limits{Matches: 1})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mustApply(t *testing.T, p *process, c revision.Change) revision.Applied {
	t.Helper()
	applied, err := p.Apply(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func TestAChangeIsKeptAndServed(t *testing.T) {
	kept := openStore(t)
	p := start(t, kept, files(t), nil)
	if _, r := p.Now(); r.Number != 1 || r.Cause != "imported from files" {
		t.Fatalf("it begins with %+v", r)
	}
	calls := p.fake.Calls()
	applied := mustApply(t, p, revision.Change{Changes: add("sailing ships"), Author: "ann", Cause: "they ask so"})
	if applied.Number != 2 || applied.Author != "ann" || applied.Cause != "they ask so" || applied.Unchanged || time.Since(applied.Time) > time.Hour {
		t.Errorf("applied %+v", applied)
	}
	if got := p.fake.Calls() - calls; got != 1 {
		t.Errorf("%d calls of the embedder, want 1", got)
	}
	if d := p.decide(t, "sailing ships"); d.Fingerprint != applied.Fingerprint || d.Matches[0].Utterance != "sailing ships" {
		t.Errorf("decided %+v, want by %s", d, applied.Fingerprint)
	}
	_, text, err := p.Revision(t.Context(), 2)
	if err != nil || !strings.Contains(string(text), "sailing ships") {
		t.Errorf("kept is %s: %v", text, err)
	}
	again := start(t, kept, func() (*routes.Catalog, error) { return nil, errors.New("files are not asked again") }, nil)
	if _, r := again.Now(); r.Number != 2 {
		t.Errorf("the next start begins with %+v", r)
	}
	if d := again.decide(t, "sailing ships"); d.Fingerprint != applied.Fingerprint {
		t.Errorf("the next start decides by %s, want %s", d.Fingerprint, applied.Fingerprint)
	}
}

func TestWhatChangesNothingIsNoRevision(t *testing.T) {
	p := start(t, openStore(t), files(t), nil)
	c, r := p.Now()
	applied := mustApply(t, p, revision.Change{Changes: []edit.Change{{Put: &edit.Put{Route: c.Routes[0]}}}})
	if !applied.Unchanged || applied.Number != r.Number {
		t.Errorf("applied %+v", applied)
	}
}

func TestFilesWin(t *testing.T) {
	p := start(t, nil, files(t), nil)
	if _, err := p.Apply(t.Context(), revision.Change{Changes: add("x")}); !errors.Is(err, revision.ErrFiles) {
		t.Errorf("error is %v", err)
	}
	if list, err := p.Revisions(t.Context(), 0, 0); err != nil || len(list) != 1 {
		t.Errorf("%v, %+v", err, list)
	}
}

func TestWhoComesLateIsTold(t *testing.T) {
	p := start(t, openStore(t), files(t), nil)
	_, r := p.Now()
	mustApply(t, p, revision.Change{Changes: add("one"), Etag: r.Etag})
	_, err := p.Apply(t.Context(), revision.Change{Changes: add("two"), Etag: r.Etag})
	var stale *revision.StaleError
	if _, now := p.Now(); !errors.As(err, &stale) || stale.Head != now {
		t.Errorf("error is %v", err)
	}
	if _, err := p.Rollback(t.Context(), 1, r.Etag, "", ""); !errors.Is(err, revision.ErrStale) {
		t.Errorf("rollback: %v", err)
	}
}

// TestWritersOfTwoProcesses holds that no change is lost, whoever makes it.
func TestWritersOfTwoProcesses(t *testing.T) {
	kept := openStore(t)
	processes := []*process{start(t, kept, files(t), nil), start(t, kept, files(t), nil)}
	var writers sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for i := range 4 {
		writers.Go(func() {
			for k := range 5 {
				text := fmt.Sprintf("ship %d of fleet %d", k, i)
				_, err := processes[i%2].Apply(t.Context(), revision.Change{Changes: add(text)})
				switch {
				case errors.Is(err, revision.ErrStale): // the other process was quicker, five times
				case err != nil:
					t.Error(err)
				default:
					mu.Lock()
					acknowledged[text] = true
					mu.Unlock()
				}
			}
		})
	}
	writers.Wait()
	head, err := kept.HeadRevision(t.Context())
	if err != nil || int(head.Number) != 1+len(acknowledged) {
		t.Fatalf("%d changes made revision %d: %v", len(acknowledged), head.Number, err)
	}
	for text := range acknowledged {
		if !strings.Contains(head.Catalog, text) {
			t.Errorf("%q is lost", text)
		}
	}
	for i, p := range processes {
		if err := p.Take(t.Context(), head.Number); err != nil {
			t.Fatal(err)
		}
		if _, r := p.Now(); r.Number != head.Number {
			t.Errorf("process %d serves %+v", i, r)
		}
	}
	if a, b := processes[0].engine.Status().Fingerprint, processes[1].engine.Status().Fingerprint; a != b {
		t.Errorf("they serve %s and %s", a, b)
	}
}

func TestTakeNeverGoesBack(t *testing.T) {
	p := start(t, openStore(t), files(t), nil)
	applied := mustApply(t, p, revision.Change{Changes: add("one")})
	if err := p.Take(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if got := p.engine.Status().Fingerprint; got != applied.Fingerprint {
		t.Errorf("it went back to %s", got)
	}
	if err := p.Take(t.Context(), 9); !errors.Is(err, revision.ErrNoRevision) {
		t.Errorf("error is %v", err)
	}
}

func TestRollbackIsARevision(t *testing.T) {
	for name, kept := range map[string]revision.Store{"store": openStore(t), "files": nil} {
		t.Run(name, func(t *testing.T) {
			p := start(t, kept, files(t), nil)
			first := p.engine.Status().Fingerprint
			if kept != nil {
				mustApply(t, p, revision.Change{Changes: add("sailing ships")})
			} else {
				other := parse(t, strings.Replace(base, "boats number 3", "sailing ships", 1))
				if err := p.engine.ReplaceBy(t.Context(), engine.Replacement{Catalog: other}); err != nil {
					t.Fatal(err)
				}
				p.Taken(other, "test")
			}
			second := p.engine.Status().Fingerprint
			p.fake.Fail(errors.New("down")) // what is kept needs no embedder
			applied, err := p.Rollback(t.Context(), 0, "", "ann", "")
			if err != nil {
				t.Fatal(err)
			}
			if applied.Number != 3 || applied.Cause != "rollback to revision 1" || applied.Author != "ann" || applied.Fingerprint != first {
				t.Errorf("applied %+v, want generation %s", applied, first)
			}
			if applied, err = p.Rollback(t.Context(), 2, "", "", "never mind"); err != nil || applied.Fingerprint != second || applied.Number != 4 {
				t.Errorf("applied %+v, want generation %s: %v", applied, second, err)
			}
			if _, err := p.Rollback(t.Context(), 77, "", "", ""); !errors.Is(err, revision.ErrNoRevision) {
				t.Errorf("error is %v", err)
			}
			list, err := p.Revisions(t.Context(), 4, 2)
			if err != nil || len(list) != 2 || list[0].Number != 3 || list[1].Number != 2 {
				t.Errorf("%v, %+v", err, list)
			}
		})
	}
}

// full is a store whose disk is.
type full struct{ revision.Store }

var errFull = errors.New("no space left on device")

func (full) AddRevision(context.Context, int64, store.Revision) (store.Revision, error) {
	return store.Revision{}, errFull
}

func TestWhatFailsChangesNothing(t *testing.T) {
	errNo := errors.New("the gate refuses")
	kept := openStore(t)
	start(t, kept, files(t), nil) // which imports
	for name, c := range map[string]struct {
		store   revision.Store
		config  func(*engine.Config)
		changes []edit.Change
		want    error
	}{
		"a full disk":      {full{kept}, nil, add("x"), errFull},
		"a gate":           {kept, func(c *engine.Config) { c.Check = func(context.Context, *engine.Assembly) error { return errNo } }, add("x"), errNo},
		"before the swap":  {kept, func(c *engine.Config) { c.BeforeSwap = refuseSecond(errNo) }, add("x"), errNo},
		"an unknown route": {kept, nil, []edit.Change{{Delete: &edit.Delete{Route: "x"}}}, edit.ErrNoRoute},
	} {
		p := start(t, c.store, files(t), c.config)
		was := p.engine.Status().Fingerprint
		catalog, r := p.Now()
		if _, err := p.Apply(t.Context(), revision.Change{Changes: c.changes}); !errors.Is(err, c.want) {
			t.Errorf("%s: error is %v", name, err)
		}
		if now, is := p.Now(); now != catalog || is != r || p.engine.Status().Fingerprint != was {
			t.Errorf("%s: it serves %+v", name, is)
		}
		if head, err := kept.HeadRevision(t.Context()); err != nil || head.Number != 1 {
			t.Errorf("%s: the store's head is %d: %v", name, head.Number, err)
		}
	}
}

// refuseSecond takes the first generation alone.
func refuseSecond(err error) func(context.Context, *router.Generation) error {
	n := 0
	return func(context.Context, *router.Generation) error {
		if n++; n > 1 {
			return err
		}
		return nil
	}
}

func TestWhatOthersStoreIsTaken(t *testing.T) {
	kept := openStore(t)
	writer, reader := start(t, kept, files(t), nil), start(t, kept, files(t), nil)
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() { reader.Run(ctx) })
	defer following.Wait()
	defer cancel()
	applied := mustApply(t, writer, revision.Change{Changes: add("sailing ships")})
	for {
		s, changed := reader.engine.StatusChange()
		if s.Fingerprint == applied.Fingerprint {
			break
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("the other process serves %+v", s)
		}
	}
	if _, r := reader.Now(); r.Number != 2 {
		t.Errorf("it says that it serves %+v", r)
	}
}

func TestPreviewChangesNothing(t *testing.T) {
	p := start(t, openStore(t), files(t), nil)
	was := p.engine.Status()
	built, err := p.Preview(t.Context(), add("sailing ships"))
	if err != nil {
		t.Fatal(err)
	}
	after, err := built.Decider()
	if err != nil {
		t.Fatal(err)
	}
	d, err := after.Decide(t.Context(), router.Prompt{Text: "sailing ships"}, router.Limits{})
	if err != nil || d.Matches[0].Utterance != "sailing ships" {
		t.Errorf("decided %+v: %v", d, err)
	}
	if err := built.Close(); err != nil {
		t.Error(err)
	}
	if _, r := p.Now(); p.engine.Status() != was || r.Number != 1 {
		t.Errorf("it serves %+v", p.engine.Status())
	}
	var problems edit.Problems
	if _, err := p.Preview(t.Context(), add("boats number 1")); !errors.As(err, &problems) {
		t.Errorf("error is %v", err)
	}
}

func TestReloadBuildsAnew(t *testing.T) {
	text := base
	load := func() (*routes.Catalog, error) { return parse(t, text), nil }
	for name, kept := range map[string]revision.Store{"store": openStore(t), "files": nil} {
		p := start(t, kept, load, nil)
		applied, err := p.Reload(t.Context())
		if err != nil || p.engine.Status().Swaps != 2 || applied.Number != 1 {
			t.Errorf("%s: applied %+v: %v", name, applied, err)
		}
	}
	p := start(t, nil, load, nil)
	text = strings.Replace(base, "boats number 3", "sailing ships", 1)
	if applied, err := p.Reload(t.Context()); err != nil || applied.Number != 2 || applied.Fingerprint != p.engine.Status().Fingerprint {
		t.Errorf("changed files give %+v: %v", applied, err)
	}
}

func TestImportMakesARevisionOfChangedFiles(t *testing.T) {
	kept := openStore(t)
	start(t, kept, files(t), nil)
	b := revision.Beginning{Store: kept, Files: files(t), Import: true}
	if first, err := b.Begin(t.Context()); err != nil || first.Number != 1 {
		t.Errorf("the same files give %+v: %v", first.Revision, err)
	}
	b.Files = func() (*routes.Catalog, error) {
		return parse(t, strings.Replace(base, "boats number 3", "ships", 1)), nil
	}
	if first, err := b.Begin(t.Context()); err != nil || first.Number != 2 {
		t.Errorf("other files give %+v: %v", first.Revision, err)
	}
	if _, err := (revision.Beginning{Store: openStore(t)}).Begin(t.Context()); err == nil || !strings.Contains(err.Error(), "--catalog") {
		t.Errorf("nothing to begin with: %v", err)
	}
}
