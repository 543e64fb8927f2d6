package ollama

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/embed"
)

// failedPlaces are those of a TextsError; none for nil.
func failedPlaces(t *testing.T, err error) []int {
	t.Helper()
	var some *embed.TextsError
	if err != nil && !errors.As(err, &some) {
		t.Fatalf("got %v, want a TextsError", err)
	}
	var places []int
	if some != nil {
		for _, failed := range some.Failed {
			places = append(places, failed.Index)
		}
	}
	return places
}

func TestTextsThatCannotBeEmbeddedAreFound(t *testing.T) {
	for _, test := range []struct {
		name, word string
		texts      int
		bad        []int
		kills      int // at most
	}{
		{"one kills the runner", "kill", 256, []int{100}, 10},
		{"the first", "kill", 20, []int{0}, 4},
		{"the last", "kill", 100, []int{99}, 10},
		{"several", "kill", 256, []int{3, 100, 101, 255}, 40},
		{"the only one", "kill", 1, []int{0}, 4},
		{"all of a few", "kill", 3, []int{0, 1, 2}, 12},
		{"one has no finite vector", "refused", 256, []int{77}, 0},
		{"one hangs", "hang", 256, []int{200}, 0},
		{"two hang", "hang", 100, []int{10, 11}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newMemoryDouble()
				d.context = 512
				e := openInBubble(t, d, func(c *Config) { c.Timeout = 30 * time.Second })
				d.set(func() { d.perText, d.restart = 10*time.Millisecond, time.Second })
				texts := numbered(test.texts)
				for _, i := range test.bad {
					texts[i] += " " + test.word
				}
				batch, err := e.EmbedDocuments(t.Context(), texts)
				if diff := cmp.Diff(test.bad, failedPlaces(t, err)); diff != "" {
					t.Fatalf("failed texts (-want +got):\n%s", diff)
				}
				checkVectors(t, batch, texts, test.bad)
				if d.killed > test.kills {
					t.Errorf("the runner was ended %d times, at most %d are needed", d.killed, test.kills)
				}
				d.set(func() { d.requests = nil })
				mustFit(t, e, numbered(2)) // and it goes on
			})
		})
	}
}

// Property: whatever is bad and however, the others have their vectors and
// nobody innocent is blamed, also beside another call.
func TestNobodyInnocentIsBlamed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 30 {
		synctest.Test(t, func(t *testing.T) {
			d := newMemoryDouble()
			d.context = 512
			e := openInBubble(t, d, func(c *Config) {
				c.Timeout, c.Concurrency, c.Batch = 30*time.Second, 1+random.IntN(4), 1+random.IntN(64)
			})
			d.set(func() { d.perText, d.restart = 10*time.Millisecond, time.Second })
			texts := numbered(20 + random.IntN(100))
			var bad []int
			for i := range texts {
				if i > 0 && random.IntN(20) == 0 {
					texts[i] += []string{" kill", " refused", " hang"}[random.IntN(3)]
					bad = append(bad, i)
				}
			}
			var all sync.WaitGroup
			all.Go(func() {
				time.Sleep(50 * time.Millisecond)
				for range 5 { // a runner that dies under a lone prompt is asked again
					prompts := numbered(3)
					batch, err := e.EmbedQueries(t.Context(), prompts)
					if err != nil {
						t.Errorf("round %d: prompts beside them: %v", round, err)
						return
					}
					checkVectors(t, batch, prompts, nil)
				}
			})
			batch, err := e.EmbedDocuments(t.Context(), texts)
			all.Wait()
			if diff := cmp.Diff(bad, failedPlaces(t, err)); diff != "" {
				t.Fatalf("round %d: failed texts (-want +got):\n%s", round, diff)
			}
			checkVectors(t, batch, texts, bad)
		})
	}
}

func TestWhereEveryTextFailsTheServerIsAtFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemoryDouble()
		d.context = 512
		e := openInBubble(t, d, nil)
		texts := numbered(256)
		for i := range texts {
			texts[i] += " refused"
		}
		_, err := e.EmbedDocuments(t.Context(), texts)
		var some *embed.TextsError
		if !errors.Is(err, embed.ErrEmbed) || errors.As(err, &some) {
			t.Errorf("got %v", err)
		}
		if n := len(d.asked()); n > 100 {
			t.Errorf("%d requests to find out", n)
		}
	})
}

func TestARunnerThatIsGoneIsWaitedFor(t *testing.T) {
	for _, test := range []struct {
		name     string
		status   int
		message  string
		failures int
		want     error
		requests int // at most
	}{
		{"it comes back", 500, "health resp: dial tcp 127.0.0.1:44941: connect: connection refused", 2, nil, 3},
		{"the server is busy", 503, "server busy, please try again.  maximum pending requests exceeded", 3, nil, 4},
		{"it never gets ready", 503, "server busy, please try again.  maximum pending requests exceeded", 99, embed.ErrServer, 25},
		{"it broke off", 500, "do embedding request: Post: EOF", 1, nil, 2},
		{"it stays away", 500, "llama runner process has terminated", 99, embed.ErrServer, 4},
		{"another failure is not waited for", 500, "out of memory", 99, embed.ErrServer, 2},
		{"nor is one of the request", 405, "method not allowed", 99, embed.ErrEmbed, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newMemoryDouble()
				e := openInBubble(t, d, nil)
				asked := 0
				d.set(func() {
					d.answer = func(w http.ResponseWriter, _ []string) bool {
						if asked++; asked > test.failures {
							return false
						}
						refuse(w, test.status, test.message)
						return true
					}
				})
				if _, err := e.EmbedQueries(t.Context(), []string{"hi"}); !errors.Is(err, test.want) {
					t.Errorf("got %v, want %v", err, test.want)
				}
				if asked > test.requests {
					t.Errorf("%d requests, at most %d are of use", asked, test.requests)
				}
			})
		})
	}
}

// A server that cuts keeps the beginning only, and the runners of some die of
// what it has cut: it is never asked to.
func TestAServerIsNotAskedToCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemoryDouble()
		e := openInBubble(t, d, nil)
		long := "first" + strings.Repeat(" word", 40) + " last"
		batch, err := e.EmbedQueries(t.Context(), []string{long})
		if err != nil || !batch.Truncated[0] {
			t.Fatalf("truncated %v, %v", batch.Truncated, err)
		}
		requests := d.asked()
		for _, request := range requests {
			if request.Truncate {
				t.Errorf("asked to cut %q", request.Input)
			}
		}
		if sent := requests[len(requests)-1].Input[0]; !strings.HasPrefix(sent, "first ") || !strings.HasSuffix(sent, " last") {
			t.Errorf("sent %q, without one of the ends", sent)
		}
	})
}

func TestAModelSwappedDuringACallIsNoticedAtItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMemoryDouble()
		e := openInBubble(t, d, nil)
		d.set(func() { d.perText = 10 * time.Millisecond })
		time.AfterFunc(500*time.Millisecond, func() { d.set(func() { d.digest = "bbbbbbbbbbbbbbbb" }) })
		if batch, err := e.EmbedDocuments(t.Context(), numbered(200)); !errors.Is(err, embed.ErrModelChanged) || len(batch.Vectors) > 0 {
			t.Errorf("%d vectors of two models, %v", len(batch.Vectors), err)
		}
	})
}
