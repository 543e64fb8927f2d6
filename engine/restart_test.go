package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// catalogOf makes a catalog of three routes with four utterances each; change
// replaces one utterance.
func catalogOf(t *testing.T, change string) *routes.Catalog {
	t.Helper()
	var b strings.Builder
	b.WriteString("routes:\n")
	for _, route := range []string{"apples", "boats", "clouds"} {
		fmt.Fprintf(&b, "  - {name: %s, utterances: [", route)
		for i := range 4 {
			text := fmt.Sprintf("%s number %d", route, i)
			if route == "boats" && i == 2 && change != "" {
				text = change
			}
			fmt.Fprintf(&b, "%q, ", text)
		}
		b.WriteString("]}\n")
	}
	catalog, err := routes.Parse("catalog.yaml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// storage is where one kind of index keeps what it holds between two starts.
type storage struct {
	config   IndexConfig
	cacheDir string
	// writes counts what was written since the last call of forget; nil where
	// it cannot be told.
	writes func() int
	forget func()
}

// storages are all kinds of indexes that outlive a process.
func storages(t *testing.T) map[string]storage {
	t.Helper()
	double := qdranttest.New(t)
	dir := t.TempDir()
	before := map[string]string{}
	state := func() map[string]string { return files(t, dir) }
	return map[string]storage{
		Memory: {
			config:   IndexConfig{Kind: Memory, Name: "test"},
			cacheDir: dir,
			writes: func() int {
				changed := 0
				for name, content := range state() {
					if before[name] != content {
						changed++
					}
				}
				return changed
			},
			forget: func() { before = state() },
		},
		Qdrant: {
			config:   IndexConfig{Kind: Qdrant, Address: double.Address(), Collection: "test"},
			cacheDir: t.TempDir(),
			writes:   double.Writes,
			forget:   double.Forget,
		},
	}
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		found[path] = info.ModTime().String()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// start is one start of the process: it builds and counts what was embedded.
func start(t *testing.T, s storage, e embed.Embedder, catalog *routes.Catalog) *Assembly {
	t.Helper()
	built, err := BuildWith(t.Context(), catalog, Config{
		Embedder: EmbedderConfig{Kind: Ollama}, Index: s.config, CacheDir: s.cacheDir, Log: zerolog.Nop(),
	}, e)
	if err != nil {
		t.Fatal(err)
	}
	if err := built.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	return built
}

func TestACommandThatLooksOnDecidesByItsOwnCatalogAndRemovesNothing(t *testing.T) {
	s := storages(t)[Qdrant]
	serving := start(t, s, newFake(t, "model@1"), catalogOf(t, ""))
	defer func() { _ = serving.Close() }()
	looking, err := BuildWith(t.Context(), catalogOf(t, "sailing ships"), Config{
		Embedder: EmbedderConfig{Kind: Ollama}, Index: s.config, CacheDir: s.cacheDir, Log: zerolog.Nop(),
	}, newFake(t, "model@1"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = looking.Close() }()
	for _, m := range decideText(t, looking, "boats number 2").Matches {
		if m.Utterance == "boats number 2" {
			t.Error("it finds an utterance that its catalog does not have")
		}
	}
	found := false
	for _, m := range decideText(t, serving, "sailing ships").Matches {
		if m.Utterance == "sailing ships" {
			t.Error("who serves finds an utterance of another catalog")
		}
	}
	for _, m := range decideText(t, serving, "boats number 2").Matches {
		found = found || m.Utterance == "boats number 2"
	}
	again := start(t, s, newFake(t, "model@1"), catalogOf(t, ""))
	defer func() { _ = again.Close() }()
	if !found || again.Synced.Embedded != 0 {
		t.Errorf("who serves finds its own: %v; started again it embeds %d, want none", found, again.Synced.Embedded)
	}
}

func TestAGenerationThatWasReplacedEndsItsConnections(t *testing.T) {
	double := qdranttest.New(t)
	service := newService(t)
	e := New(catalogOf(t, ""), Config{
		Embedder: EmbedderConfig{Kind: Ollama, Open: service.open}, Log: zerolog.Nop(), Prune: true,
		Index: IndexConfig{Kind: Qdrant, Address: double.Address(), Collection: "test", Tuning: QdrantTuning{Connections: 1}},
	})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, change := range []string{"sailing ships", "rowing", "", "sailing ships"} {
		if err := e.Replace(t.Context(), catalogOf(t, change)); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Decide(t.Context(), router.Prompt{Text: "boats number 2"}, router.Limits{}); err != nil {
			t.Error(err)
		}
	}
	waitForConnections(t, double, 1)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	waitForConnections(t, double, 0)
}

func TestACollectionThatIsDeletedIsFilledAgain(t *testing.T) {
	double := qdranttest.New(t)
	service := newService(t)
	e := New(catalogOf(t, ""), Config{
		Embedder: EmbedderConfig{Kind: Ollama, Open: service.open}, Log: zerolog.Nop(),
		Index: IndexConfig{Kind: Qdrant, Address: double.Address(), Collection: "test"},
	})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	decide := func() error {
		_, err := e.Decide(t.Context(), router.Prompt{Text: "boats number 2"}, router.Limits{})
		return err
	}
	double.Drop(double.Alias("test"))
	if err := decide(); !errors.Is(err, index.ErrLost) {
		t.Errorf("Decide: %v, want ErrLost", err)
	}
	for deadline := time.Now().Add(20 * time.Second); decide() != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it is not filled again: %v", decide())
		}
	}
	cancel()
	if err := errors.Join(<-ended, e.Close()); err != nil {
		t.Error(err)
	}
}

// waitForConnections gives the server the moment that it takes to hear of an end.
func waitForConnections(t *testing.T, double *qdranttest.Server, want int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); double.Connections() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are open, want %d", double.Connections(), want)
		}
	}
}

// staticStart is a start with static vectors. It prunes nothing.
func staticStart(t *testing.T, dir string, catalog *routes.Catalog, log zerolog.Logger) *Assembly {
	t.Helper()
	built, err := Build(t.Context(), catalog, Config{
		Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Memory, Name: "test"}, CacheDir: dir, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = built.Close() })
	return built
}

func TestStaticVectorsAreKeptToo(t *testing.T) {
	dir := t.TempDir()
	first := staticStart(t, dir, catalogOf(t, ""), zerolog.Nop())
	want := decideText(t, first, "boats number 2")
	again := staticStart(t, dir, catalogOf(t, ""), zerolog.Nop())
	if again.Synced.Embedded != 0 || again.Synced.Utterances != 12 {
		t.Errorf("embedded %d of %d utterances, want none of 12", again.Synced.Embedded, again.Synced.Utterances)
	}
	ignored := cmpopts.IgnoreFields(router.Decision{}, "ID", "Timings")
	if diff := cmp.Diff(want, decideText(t, again, "boats number 2"), ignored); diff != "" {
		t.Errorf("decision (-first start +second):\n%s", diff)
	}
	changed := staticStart(t, dir, catalogOf(t, "sailing ships"), zerolog.Nop())
	for _, m := range decideText(t, changed, "boats number 2").Matches {
		if m.Utterance == "boats number 2" {
			t.Error("an utterance that left the catalog is found before anything is pruned")
		}
	}
}

func TestAFolderThatKeepsNothingIsNoFailure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	built := staticStart(t, file, catalogOf(t, ""), zerolog.New(&log)) // a file where the folder should be
	if d := decideText(t, built, "boats number 2"); d.Route != "boats" {
		t.Errorf("it decides %q", d.Route)
	}
	if !strings.Contains(log.String(), "vectors are not kept") {
		t.Errorf("the log does not say so: %s", log.String())
	}
}

func TestTrainedStateOfAnotherCatalogIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	staticStart(t, dir, catalogOf(t, "sailing ships"), zerolog.Nop())
	trained, err := filepath.Glob(filepath.Join(dir, "models", "*"))
	if err != nil || len(trained) != 1 {
		t.Fatalf("%v, %v; want one file", trained, err)
	}
	other := staticStart(t, t.TempDir(), catalogOf(t, ""), zerolog.Nop())
	if err := os.Rename(trained[0], filepath.Join(dir, "models", other.Ranker().Fingerprint()+".model")); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	built := staticStart(t, dir, catalogOf(t, ""), zerolog.New(&log))
	if got, want := built.Ranker().Model().Key(), other.Ranker().Fingerprint(); got != want {
		t.Errorf("the model was trained on %s, want %s", got, want)
	}
	if !strings.Contains(log.String(), errForeign.Error()) {
		t.Errorf("the log does not say so: %s", log.String())
	}
}

func decideText(t *testing.T, built *Assembly, text string) router.Decision {
	t.Helper()
	r := router.New(router.Config{})
	r.Swap(built.Generation)
	d, err := r.Decide(context.Background(), router.Prompt{Text: text}, router.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newFake(t *testing.T, fingerprint string) *embedtest.Fake {
	t.Helper()
	e, err := embedtest.New(embedtest.Config{Fingerprint: fingerprint})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRestart(t *testing.T) {
	for name, s := range storages(t) {
		t.Run(name, func(t *testing.T) {
			first := start(t, s, newFake(t, "model@1"), catalogOf(t, ""))
			if got := first.Synced.Embedded; got != 12 {
				t.Fatalf("the first start embedded %d utterances, want 12", got)
			}
			want := decideText(t, first, "boats number 2")
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}

			t.Run("an unchanged catalog embeds and writes nothing", func(t *testing.T) {
				e := newFake(t, "model@1")
				s.forget()
				built := start(t, s, e, catalogOf(t, ""))
				defer func() { _ = built.Close() }()
				if built.Synced.Embedded != 0 || e.Texts() != 0 {
					t.Errorf("embedded %d utterances, %d texts; want none", built.Synced.Embedded, e.Texts())
				}
				if got := s.writes(); got != 0 {
					t.Errorf("%d writes, want none", got)
				}
				got := decideText(t, built, "boats number 2")
				if got.Route != want.Route || got.Fingerprint != want.Fingerprint {
					t.Errorf("decides %q by %s, before it was %q by %s", got.Route, got.Fingerprint, want.Route, want.Fingerprint)
				}
			})

			t.Run("one changed utterance embeds exactly one", func(t *testing.T) {
				e := newFake(t, "model@1")
				built := start(t, s, e, catalogOf(t, "sailing ships"))
				defer func() { _ = built.Close() }()
				if built.Synced.Embedded != 1 || e.Texts() != 1 {
					t.Errorf("embedded %d utterances, %d texts; want 1", built.Synced.Embedded, e.Texts())
				}
				d := decideText(t, built, "sailing ships")
				if len(d.Matches) == 0 || d.Matches[0].Utterance != "sailing ships" {
					t.Errorf("the new utterance is not found: %+v", d.Matches)
				}
				for _, m := range decideText(t, built, "boats number 2").Matches {
					if m.Utterance == "boats number 2" {
						t.Error("the old utterance is still found")
					}
				}
				if d.Fingerprint == want.Fingerprint {
					t.Error("the fingerprint does not show the change")
				}
			})

			t.Run("another embedder of the same dimension embeds everything", func(t *testing.T) {
				e := newFake(t, "other@1")
				built := start(t, s, e, catalogOf(t, ""))
				defer func() { _ = built.Close() }()
				if built.Synced.Embedded != 12 {
					t.Errorf("embedded %d utterances, want all 12", built.Synced.Embedded)
				}
				d := decideText(t, built, "boats number 2")
				if len(d.Matches) == 0 || d.Matches[0].Similarity < 0.999 {
					t.Errorf("vectors of two embedders are compared: %+v", d.Matches)
				}
			})

			t.Run("a moved tag embeds everything", func(t *testing.T) {
				e := newFake(t, "model@2")
				built := start(t, s, e, catalogOf(t, ""))
				defer func() { _ = built.Close() }()
				if built.Synced.Embedded != 12 {
					t.Errorf("embedded %d utterances, want all 12", built.Synced.Embedded)
				}
			})
		})
	}
}

func TestAModelThatChangesWhileServingIsNoticed(t *testing.T) {
	e := newFake(t, "model@1")
	watched := WatchModel(e)
	select {
	case <-watched.Changed():
		t.Fatal("changed before anything happened")
	default:
	}
	e.Fail(embed.ErrModelChanged)
	if _, err := watched.EmbedQueries(t.Context(), []string{"x"}); err == nil {
		t.Fatal("the error is swallowed")
	}
	<-watched.Changed()
}

func TestADamagedSnapshotIsMadeAgain(t *testing.T) {
	s := storages(t)[Memory]
	built := start(t, s, newFake(t, "model@1"), catalogOf(t, ""))
	if err := built.Close(); err != nil {
		t.Fatal(err)
	}
	for path := range files(t, s.cacheDir) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		content[len(content)-9] ^= 0xff
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := start(t, s, newFake(t, "model@1"), catalogOf(t, ""))
	defer func() { _ = again.Close() }()
	if again.Synced.Embedded != 12 {
		t.Errorf("embedded %d utterances, want all 12", again.Synced.Embedded)
	}
}
