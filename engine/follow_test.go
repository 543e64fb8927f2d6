package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// following is an engine that follows a catalog which the test changes.
type following struct {
	*running
	changes chan Change
	mu      sync.Mutex // protects the fields below
	catalog *routes.Catalog
	err     error
	loaded  int
}

func follow(t *testing.T, s *service) *following {
	t.Helper()
	f := &following{running: run(t, s, router.Settings{}), changes: make(chan Change)}
	synctest.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	ended.Go(func() {
		f.Follow(ctx, f.changes, func() (*routes.Catalog, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.loaded++
			return f.catalog, f.err
		}, nil)
	})
	t.Cleanup(func() {
		cancel()
		ended.Wait()
	})
	return f
}

// change says that the catalog has become another, and waits for what comes of it.
func (f *following) to(catalog *routes.Catalog, err error) {
	f.mu.Lock()
	f.catalog, f.err = catalog, err
	f.mu.Unlock()
	f.changes <- Change{Cause: "test"}
	synctest.Wait()
}

func TestABrokenCatalogChangesNothingAndTheNextGoodOneIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, newService(t))
		first := f.Status()
		_, problems := routes.Parse("catalog.yaml", []byte("routes: [{name: a, utterance: [x]}]"))
		f.to(nil, problems)
		got := f.Status()
		var told routes.Problems
		if got.State != Serving || got.Fingerprint != first.Fingerprint || !errors.As(got.Err, &told) || !strings.Contains(got.Err.Error(), "catalog.yaml:1:") {
			t.Fatalf("status %+v", got)
		}
		f.to(catalogOf(t, ""), nil) // the edit is undone
		got = f.Status()
		if got.Failures == 0 {
			t.Error("no failure is counted")
		}
		if got.Failures = 0; got != first {
			t.Errorf("status %+v, want as at first %+v", got, first)
		}
		f.to(nil, problems)
		f.to(catalogOf(t, "sailing ships"), nil)
		if got := f.Status(); got.Err != nil || got.Fingerprint == first.Fingerprint {
			t.Errorf("the good catalog is not taken: %+v", got)
		}
	})
}

func TestWhatIsAsItWasBuildsNothingUnlessAskedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, newService(t))
		reports := func() int {
			f.running.mu.Lock()
			defer f.running.mu.Unlock()
			return len(f.states)
		}
		before := reports()
		f.to(catalogOf(t, ""), nil)
		if reports() != before {
			t.Error("the same catalog was built again")
		}
		f.changes <- Change{Cause: "signal", Always: true}
		synctest.Wait()
		if reports() == before {
			t.Error("nothing was built although it was asked for")
		}
	})
}

func TestWhatWaitingCanMendIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t)
		f := follow(t, s)
		first := f.Status().Fingerprint
		s.setDown(errDown)
		f.to(catalogOf(t, "sailing ships"), nil)
		time.Sleep(5 * time.Minute)
		if got := f.Status(); got.State != Serving || got.Fingerprint != first || got.Err == nil {
			t.Errorf("while the embedder is down: %+v", got)
		}
		f.mu.Lock()
		n := f.loaded
		f.mu.Unlock()
		if n < 10 || n > 30 {
			t.Errorf("%d attempts in five minutes", n)
		}
		s.setDown(nil)
		time.Sleep(time.Minute)
		if got := f.Status(); got.Fingerprint == first || got.Err != nil {
			t.Errorf("when it is there again: %+v", got)
		}
		f.to(nil, errors.New("not there yet")) // in a folder that nobody watches
		f.mu.Lock()
		f.catalog, f.err = catalogOf(t, ""), nil
		f.mu.Unlock()
		time.Sleep(time.Minute)
		if got := f.Status(); got.Fingerprint != first {
			t.Errorf("the file that came later was not read: %+v", got)
		}
	})
}

func TestARollbackIsNotUndoneByTheSameFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, newService(t))
		first := f.Status().Fingerprint
		f.to(catalogOf(t, "sailing ships"), nil)
		if err := f.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.to(catalogOf(t, "sailing ships"), nil)
		if got := f.Status().Fingerprint; got != first {
			t.Error("files that have not changed undid the rollback")
		}
		f.to(catalogOf(t, "steam boats"), nil)
		if got := f.Status().Fingerprint; got == first {
			t.Error("the next change was not taken")
		}
	})
}

// TestPromptsNeverSeeTwoGenerations decides all the time while catalogs change:
// every decision is made, and its models are those of the generation that its
// fingerprint names.
func TestPromptsNeverSeeTwoGenerations(t *testing.T) {
	const deciders = 2
	swaps := 100
	if testing.Short() {
		swaps = 20
	}
	catalog := func(model string) *routes.Catalog {
		return parse(t, strings.ReplaceAll(`
models: [{name: MODEL, provider: ollama, model: m}]
routes:
  - {name: boats, utterances: [boats number 1, "MODEL ships"], models: [MODEL]}
  - {name: clouds, utterances: [clouds in the sky, rain is near], models: [MODEL]}
`, "MODEL", model))
	}
	catalogs := map[string]*routes.Catalog{"one": catalog("one"), "two": catalog("two")}
	var mu sync.Mutex // protects models
	models := map[string]string{}
	e := inPlace(t, catalogs["one"], Config{BeforeSwap: func(_ context.Context, g *router.Generation) error {
		mu.Lock()
		defer mu.Unlock()
		models[g.Fingerprint()] = g.Catalog().Models[0].Name
		return nil
	}})
	var done sync.WaitGroup
	over := make(chan struct{})
	decided := make([]int, deciders)
	for i := range deciders {
		done.Go(func() {
			for ; ; decided[i]++ {
				select {
				case <-over:
					return
				default:
				}
				ds, err := e.DecideBatch(t.Context(), []router.Prompt{{Text: "boats number 1"}, {Text: "clouds in the sky"}}, router.Limits{})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				want := models[ds[0].Fingerprint]
				mu.Unlock()
				for _, d := range ds {
					if d.Fingerprint != ds[0].Fingerprint || !slices.Equal(d.Models, []string{want}) {
						t.Errorf("decided on %s with models %q, want %q", d.Fingerprint, d.Models, want)
						return
					}
				}
			}
		})
	}
	for i := range swaps {
		if err := e.Replace(t.Context(), catalogs[[]string{"two", "one"}[i%2]]); err != nil {
			t.Fatal(err)
		}
	}
	close(over)
	done.Wait()
	if len(models) != 2 || slices.Min(decided) == 0 {
		t.Errorf("%d generations, decisions %d", len(models), decided)
	}
	t.Logf("%d decisions during %d swaps", decided, swaps)
}

func TestTheLogNamesEveryProblemOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		f := follow(t, newService(t))
		f.config.Log = zerolog.New(&log)
		_, err := routes.Parse("catalog.yaml", []byte("routes:\n  - {name: a, utterance: [x]}\n  - {name: a b, utterances: []}\n"))
		var problems routes.Problems
		if !errors.As(err, &problems) {
			t.Fatalf("%v is no list of problems", err)
		}
		f.to(nil, err)
		time.Sleep(5 * time.Minute)
		for _, p := range problems {
			if n := strings.Count(log.String(), p.Position.String()+": "); n != 1 {
				t.Errorf("%s is %d times in the log: %s", p, n, log.String())
			}
		}
	})
}
