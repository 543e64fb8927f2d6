package ollama

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/embed"
)

// numbered are so many different texts.
func numbered(count int) []string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = fmt.Sprint("text number ", i)
	}
	return texts
}

// sizes are how many texts each request carried.
func (d *double) sizes() []int {
	var all []int
	for _, request := range d.asked() {
		all = append(all, len(request.Input))
	}
	return all
}

// mustFit embeds utterances and checks every vector.
func mustFit(t *testing.T, e *Embedder, texts []string) {
	t.Helper()
	batch, err := e.EmbedDocuments(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	checkVectors(t, batch, texts, nil)
}

// checkVectors: each text has its own vector, the failed ones none.
func checkVectors(t *testing.T, batch embed.Batch, texts []string, failed []int) {
	t.Helper()
	none := map[int]bool{}
	for _, i := range failed {
		none[i] = true
	}
	for i, text := range texts {
		switch vector := batch.Vectors[i]; {
		case none[i]:
			if vector != nil {
				t.Errorf("%q has a vector", text)
			}
		case vector == nil:
			t.Errorf("%q has no vector", text)
		default:
			want := doubleVector(strings.Fields(text))
			if got := similarity(vector, want); got < 0.9999 {
				t.Errorf("%q has another's vector: similarity %v", text, got)
			}
		}
	}
}

func similarity(unit, other []float32) float64 {
	var product, square float64
	for k := range other {
		product += float64(unit[k]) * float64(other[k])
		square += float64(other[k]) * float64(other[k])
	}
	return product * product / square
}

func TestRequestsGrowToWhatTheServerDoesInTheUsualDuration(t *testing.T) {
	for _, test := range []struct {
		name             string
		perText, waiting time.Duration
		texts            int
		want             []int
	}{
		{"fast", time.Millisecond, 0, 200, []int{1, 4, 16, 64, 64, 51}},
		{"ten a second", 100 * time.Millisecond, 0, 60, []int{1, 4, 16, 20, 19}},
		{"one in two seconds", 2 * time.Second, 0, 5, []int{1, 2, 1, 1}},
		{"slower than usual for one", 20 * time.Second, 0, 3, []int{1, 1, 1}},
		{"fast behind others' requests", 10 * time.Millisecond, 7 * time.Second, 200, []int{1, 2, 8, 32, 64, 64, 29}},
		{"slow behind others' requests", time.Second, 5 * time.Second, 10, []int{1, 2, 2, 2, 2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newMemoryDouble()
				e := openInBubble(t, d, func(c *Config) { c.Concurrency, c.Timeout = 1, 30*time.Second })
				d.set(func() { d.perText, d.pause = test.perText, test.waiting })
				mustFit(t, e, numbered(test.texts))
				if diff := cmp.Diff(test.want, d.sizes()); diff != "" {
					t.Errorf("texts a request (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Property: whatever a text and a request cost, no request is so large that it
// runs into the timeout, and all together take no more than twice what the best
// size would.
func TestRequestsOfEverySpeedAreInTimeAndWorthTheirOverhead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const timeout, count = 30 * time.Second, 400
	for range 300 {
		each := time.Duration(math.Pow(10, 4*random.Float64()-3) * float64(time.Second)) // 1 ms to 10 s
		fixed := time.Duration(random.Float64() * float64(7*time.Second))
		p := newBatchSize(64, timeout)
		var all time.Duration
		for left := count; left > 0; {
			n := min(p.next(), left)
			took := fixed + time.Duration(n)*each
			if took >= timeout {
				t.Fatalf("%d texts at %v and %v each: %v", n, fixed, each, took)
			}
			p.took(n, took)
			all += took
			left -= n
		}
		size := max(1, min(64, int(p.work/each), int((p.limit-fixed)/each)))
		best := time.Duration(count)*each + time.Duration((count+size-1)/size)*fixed
		if all > 2*best+6*fixed { // the first requests show what is best
			t.Errorf("%v and %v for each text: %v, with %d at once %v", fixed, each, all, size, best)
		}
	}
}

// A request of 64 texts takes longer than the timeout; 256 of them took twenty
// minutes, with the server at work all the time.
func TestASlowModelGetsThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemoryDouble()
		e := openInBubble(t, d, func(c *Config) { c.Timeout = 30 * time.Second })
		d.set(func() { d.perText = 5 * time.Second })
		mustFit(t, e, numbered(256))
	})
}

func TestAModelThatBecomesSlowGetsFewerTexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemoryDouble()
		e := openInBubble(t, d, func(c *Config) { c.Concurrency, c.Timeout = 1, 30*time.Second })
		mustFit(t, e, numbered(100))
		d.set(func() { d.requests, d.perText = nil, time.Second })
		mustFit(t, e, numbered(70))
		if got := d.sizes(); got[0] != 64 || got[1] != 1 || got[2] > 4 {
			t.Errorf("texts a request: %v; want 64, which are too many, then 1, then few", got)
		}
	})
}

func TestAServerThatHangsIsUnreachableAfterAFewTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout = 30 * time.Second
		d := newMemoryDouble()
		e := openInBubble(t, d, func(c *Config) { c.Timeout = timeout })
		mustFit(t, e, numbered(100))
		d.set(func() { d.pause = 1000 * time.Hour })
		start := time.Now()
		if _, err := e.EmbedDocuments(t.Context(), numbered(256)); !errors.Is(err, embed.ErrUnreachable) || !embed.RetryMayHelp(err) {
			t.Errorf("documents: %v", err)
		}
		if took := time.Since(start); took > 4*timeout {
			t.Errorf("that took %v to find out", took)
		}
		start = time.Now()
		if _, err := e.EmbedQueries(t.Context(), []string{"a prompt"}); !errors.Is(err, embed.ErrUnreachable) {
			t.Errorf("a query: %v", err)
		}
		if took := time.Since(start); took != timeout {
			t.Errorf("a query took %v", took)
		}
	})
}

func TestLoadingTheModelMayTakeLongerThanARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemoryDouble()
		d.pause = 2 * time.Minute
		e := openInBubble(t, d, func(c *Config) { c.Timeout = 30 * time.Second })
		if err := e.Probe(t.Context()); err != nil {
			t.Errorf("probe: %v", err)
		}
		d.set(func() { d.pause = time.Hour })
		if err := e.Probe(t.Context()); !errors.Is(err, embed.ErrUnreachable) {
			t.Errorf("probe of a server that hangs: %v", err)
		}
		d.set(func() { d.pause, d.listPause = 0, time.Hour })
		if err := e.Probe(t.Context()); !errors.Is(err, embed.ErrUnreachable) {
			t.Errorf("probe of a server that hangs with its list: %v", err)
		}
	})
}
