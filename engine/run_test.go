package engine

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/router"
)

// service is an embedding service that can be down, and whose model can become
// another one.
type service struct {
	mu    sync.Mutex // protects the fields below
	down  error
	asked int
	fake  *embedtest.Fake
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{}
	s.swap(t, "model:1")
	return s
}

// swap puts another model behind the name: what was opened before says so.
func (s *service) swap(t *testing.T, fingerprint string) {
	t.Helper()
	fake, err := embedtest.New(embedtest.Config{Fingerprint: fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fake != nil {
		s.fake.Fail(embed.ErrModelChanged)
	}
	s.fake = fake
}

func (s *service) setDown(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = err
	s.fake.Fail(err)
}

func (s *service) attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *service) open(context.Context) (embed.Embedder, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.down != nil {
		return nil, s.down
	}
	return s.fake, nil
}

// running is an engine that Run keeps, with what it told.
type running struct {
	*Engine
	ended  chan error
	mu     sync.Mutex
	states []State
}

func run(t *testing.T, s *service, settings router.Settings) *running {
	t.Helper()
	r := &running{ended: make(chan error, 1)}
	r.Engine = New(catalogOf(t, ""), Config{
		Embedder: EmbedderConfig{Kind: Ollama, Open: s.open}, Index: IndexConfig{Kind: Memory},
		Settings: settings, Log: zerolog.Nop(), OnStatus: func(status Status) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.states = append(r.states, status.State)
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { r.ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-r.ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

func (r *running) route(t *testing.T) (router.Decision, error) {
	t.Helper()
	return r.Decide(t.Context(), router.Prompt{Text: "boats number 2"}, router.Limits{})
}

// wantRoute fails unless a decision is made, degraded or not.
func (r *running) wantRoute(t *testing.T, degraded bool) {
	t.Helper()
	d, err := r.route(t)
	if err != nil {
		t.Fatal(err)
	}
	if (len(d.Degraded) > 0) != degraded {
		t.Fatalf("degraded is %q, want it said: %v", d.Degraded, degraded)
	}
	if degraded != (d.Stage == router.StageStatic || d.Stage == router.StageFallback) {
		t.Errorf("stage %s", d.Stage)
	}
}

var errDown = errors.Join(embed.ErrUnreachable, errors.New("connection refused"))

func TestAServiceThatIsDownAtStartIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t)
		s.setDown(errDown)
		e := run(t, s, router.Settings{})
		time.Sleep(5 * time.Minute)
		if _, err := e.route(t); !errors.Is(err, router.ErrNotReady) {
			t.Errorf("while nothing is there: %v, want ErrNotReady", err)
		}
		if status := e.Status(); status.State != Starting || !errors.Is(status.Err, embed.ErrUnreachable) {
			t.Errorf("status %+v, want starting and why", status)
		}
		if n := s.attempts(); n < 10 || n > 30 {
			t.Errorf("%d attempts in five minutes, want pauses that grow to half a minute", n)
		}
		s.setDown(nil)
		time.Sleep(time.Minute)
		e.wantRoute(t, false)
		if status := e.Status(); status.State != Serving || status.Err != nil {
			t.Errorf("status %+v, want serving", status)
		}
	})
}

func TestStaticVectorsStandInAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t)
		s.setDown(errDown)
		e := run(t, s, router.Settings{DegradeToStatic: true})
		time.Sleep(time.Minute)
		e.wantRoute(t, true)
		if status := e.Status(); status.State != Degraded {
			t.Errorf("state %s, want degraded", status.State)
		}
		s.setDown(nil)
		time.Sleep(time.Minute)
		e.wantRoute(t, false)
	})
}

func TestWhatNoWaitingMendsEndsTheStart(t *testing.T) {
	s := newService(t)
	s.setDown(embed.ErrModelMissing)
	e := New(catalogOf(t, ""), Config{
		Embedder: EmbedderConfig{Kind: Ollama, Open: s.open}, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop(),
	})
	if err := e.Run(t.Context()); !errors.Is(err, embed.ErrModelMissing) {
		t.Errorf("Run: %v, want ErrModelMissing", err)
	}
	if n := s.attempts(); n != 1 {
		t.Errorf("%d attempts, want one", n)
	}
}

// A model swapped under its tag, and a service that fails while its utterances
// are embedded again, must not end a server that runs.
func TestASwappedModelAndFailuresDoNotEndTheRun(t *testing.T) {
	for name, degrade := range map[string]bool{"without static vectors": false, "with static vectors": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService(t)
				e := run(t, s, router.Settings{DegradeToStatic: degrade})
				synctest.Wait()
				before := e.Status().Fingerprint
				e.wantRoute(t, false)

				s.swap(t, "model:2")
				s.setDown(embed.ErrModelMissing) // as when the tag was removed in between
				if _, err := e.route(t); (err == nil) != degrade {
					t.Fatalf("deciding with the old model: %v", err)
				}
				time.Sleep(5 * time.Minute)
				if degrade {
					e.wantRoute(t, true)
				} else if state := e.Status().State; state != Stale {
					t.Errorf("state %s, want stale", state)
				}
				select {
				case err := <-e.ended:
					t.Fatalf("Run ended: %v", err)
				default:
				}

				s.setDown(nil)
				time.Sleep(time.Minute)
				e.wantRoute(t, false)
				if after := e.Status().Fingerprint; after == before {
					t.Error("the new model serves under the old fingerprint")
				}
			})
		})
	}
}

// While prompts are decided, generations come and go; none fails, none mixes
// two of them, and those that were replaced are closed.
func TestReplacingDisturbsNoPrompt(t *testing.T) {
	s := newService(t)
	e := New(catalogOf(t, ""), Config{
		Embedder: EmbedderConfig{Kind: Ollama, Open: s.open}, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop(),
	})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{e.Status().Fingerprint: true}
	var seen sync.Map
	ctx, stop := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for ctx.Err() == nil {
				d, err := e.Decide(t.Context(), router.Prompt{Text: "boats number 2"}, router.Limits{})
				if err != nil {
					t.Error(err)
					return
				}
				seen.Store(d.Fingerprint, true)
			}
		})
	}
	last := ""
	for i := range 8 {
		utterance := "boats number 2 " + strings.Repeat("again ", i)
		if err := e.Replace(t.Context(), catalogOf(t, utterance)); err != nil {
			t.Fatal(err)
		}
		last = e.Status().Fingerprint
		known[last] = true
	}
	stop()
	callers.Wait()
	s.setDown(errDown) // a new utterance cannot be embedded
	if err := e.Replace(t.Context(), catalogOf(t, "one that fails")); err == nil {
		t.Error("a generation was replaced by one that could not be built")
	}
	if got := e.Status().Fingerprint; got != last {
		t.Errorf("the failed one changed the generation to %s", got)
	}
	seen.Range(func(fingerprint, _ any) bool {
		if !known[fingerprint.(string)] {
			t.Errorf("a decision names the generation %v, which never was in place", fingerprint)
		}
		return true
	})
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// picky is an embedder that cannot take one text.
type picky struct {
	embed.Embedder
	refused string
}

func (p picky) EmbedDocuments(ctx context.Context, texts []string) (embed.Batch, error) {
	batch, err := p.Embedder.EmbedDocuments(ctx, texts)
	at := slices.Index(texts, p.refused)
	if err != nil || at < 0 {
		return batch, err
	}
	batch.Vectors[at] = nil
	return batch, &embed.TextsError{Failed: []embed.FailedText{{Index: at, Err: errors.New("the runner died")}}}
}

func TestAnUtteranceThatCannotBeEmbeddedIsNamedAndTheRestGoOn(t *testing.T) {
	fake := newFake(t, "model@1")
	var log bytes.Buffer
	config := Config{
		Embedder: EmbedderConfig{Kind: Ollama, Open: func(context.Context) (embed.Embedder, error) {
			return picky{fake, "boats number 2"}, nil
		}},
		Index: IndexConfig{Kind: Memory, Name: "test"}, CacheDir: t.TempDir(), Log: zerolog.New(&log),
	}
	e := New(catalogOf(t, ""), config)
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status := e.Status(); status.Utterances != 11 || status.LeftOut != 1 {
		t.Errorf("status %+v, want 11 utterances and one left out", status)
	}
	if !strings.Contains(log.String(), `"route":"boats","utterance":"boats number 2"`) {
		t.Errorf("the log does not name it:\n%s", log.String())
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	config.Embedder.Open = func(context.Context) (embed.Embedder, error) { return fake, nil }
	again := New(catalogOf(t, ""), config)
	if err := again.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if status := again.Status(); status.Utterances != 12 || status.LeftOut != 0 {
		t.Errorf("status %+v, want all 12 once it can be embedded", status)
	}
}
