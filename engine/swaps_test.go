package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// swapSources are more than are kept, so that each of them is built again and again.
const swapSources = 7

// swapCatalog is one of those that take turns: each gives an utterance to another
// route than the one before, so that no two decide alike.
func swapCatalog(t *testing.T, i int) *routes.Catalog {
	t.Helper()
	names := []string{"apples", "boats", "clouds"}
	text := "routes:\n"
	for k, name := range names {
		text += fmt.Sprintf("  - {name: %s, utterances: [", name)
		for n := range 6 {
			text += fmt.Sprintf("%s number %d, ", name, n)
		}
		if k == i%3 {
			text += fmt.Sprintf("sailing ship %d, the wandering one", i)
		}
		text += "]}\n"
	}
	return parse(t, text)
}

var swapPrompts = []string{"the wandering one", "sailing ship 3", "boats number 2", "number 4", "apples and clouds", "something else"}

// seen is a decision, as far as the generation alone makes it.
type seen struct {
	prompt   int
	decision router.Decision
}

// askAll decides prompts in turn until stopped, and gives the decisions that
// differ by prompt and generation, how many there were, and how long each took.
func askAll(e *Engine, stop <-chan struct{}) (kept map[string]seen, n int, took []time.Duration, err error) {
	kept = map[string]seen{}
	for {
		select {
		case <-stop:
			return kept, n, took, nil
		default:
		}
		at := n % len(swapPrompts)
		start := time.Now()
		d, err := e.Decide(context.Background(), router.Prompt{Text: swapPrompts[at]}, router.Limits{Candidates: 3, Matches: 3})
		took = append(took, time.Since(start))
		if err != nil {
			return kept, n, took, err
		}
		n++
		key := fmt.Sprint(at, d.Fingerprint)
		if before, known := kept[key]; known && !cmp.Equal(before.decision, d, sameDecision) {
			return kept, n, took, fmt.Errorf("generation %s decides %q in two ways", d.Fingerprint, swapPrompts[at])
		}
		kept[key] = seen{at, d}
	}
}

// sameDecision leaves out what is of the moment.
var sameDecision = cmp.Options{
	cmpopts.IgnoreFields(router.Decision{}, "ID", "Timings", "Cached"),
	cmpopts.IgnoreUnexported(router.Decision{}),
}

// ask has several callers ask while something is done.
func ask(t *testing.T, e *Engine, callers int, while func()) (kept map[string]seen, n int, took []time.Duration, over time.Duration) {
	t.Helper()
	stop := make(chan struct{})
	var asking sync.WaitGroup
	var mu sync.Mutex
	kept = map[string]seen{}
	start := time.Now()
	for range callers {
		asking.Go(func() {
			own, asked, own1, err := askAll(e, stop)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			for key, s := range own {
				if before, known := kept[key]; known && !cmp.Equal(before.decision, s.decision, sameDecision) {
					t.Errorf("generation %s decides %q in two ways", s.decision.Fingerprint, swapPrompts[s.prompt])
				}
				kept[key] = s
			}
			n, took = n+asked, append(took, own1...)
		})
	}
	while()
	close(stop)
	asking.Wait()
	return kept, n, took, time.Since(start)
}

func p99(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)*99/100]
}

// TestDecisionsDuringSwaps holds that no decision fails or mixes two generations:
// each is what the generation that it names decides when it is built by itself.
func TestDecisionsDuringSwaps(t *testing.T) {
	swaps, undisturbed, callers := 100, 20, 4
	if testing.Short() {
		swaps, undisturbed, callers = swapSources, 3, 2
	}
	e := inPlace(t, swapCatalog(t, 0), Config{})
	_, _, quiet, _ := ask(t, e, callers, func() {
		for range undisturbed { // as long as some builds take, which nobody sees
			built, err := e.Candidate(t.Context(), swapCatalog(t, 1))
			if err != nil {
				t.Fatal(err)
			}
			if err := built.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	kept, n, took, over := ask(t, e, callers, func() {
		for i := range swaps {
			if err := e.Replace(t.Context(), swapCatalog(t, (i+1)%swapSources)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	if got := e.Status().Swaps; got != uint64(swaps)+1 {
		t.Errorf("%d generations were put in place", got)
	}
	alone := map[string]*router.Router{}
	for i := range swapSources {
		built, err := Build(t.Context(), swapCatalog(t, i), Config{
			Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop(),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = built.Close() }()
		if alone[built.Generation.Fingerprint()], err = built.Decider(); err != nil {
			t.Fatal(err)
		}
	}
	generations := map[string]bool{}
	for _, s := range kept {
		generations[s.decision.Fingerprint] = true
		by := alone[s.decision.Fingerprint]
		if by == nil {
			t.Fatalf("nobody has built generation %s", s.decision.Fingerprint)
		}
		want, err := by.Decide(t.Context(), router.Prompt{Text: swapPrompts[s.prompt]}, router.Limits{Candidates: 3, Matches: 3})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, s.decision, sameDecision); diff != "" {
			t.Errorf("%q by generation %s (-alone +during swaps):\n%s", swapPrompts[s.prompt], s.decision.Fingerprint, diff)
		}
	}
	if len(generations) < 2 {
		t.Errorf("decisions of %d generations were seen", len(generations))
	}
	t.Logf("%d decisions by %d generations during %d swaps, %.0f a second; p99 %s, without swaps %s",
		n, len(generations), swaps, float64(n)/over.Seconds(), p99(took), p99(quiet))
}
