package revision_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

const promoted = `
routes:
  - {name: fruit, utterances: [apples number 0, apples number 1, apples number 2, apples number 3]}
  - {name: boats, utterances: [boats number 0, boats number 1, boats number 2, boats number 3]}
`

func TestACandidateTakesOver(t *testing.T) {
	load := func() (*routes.Catalog, error) { return parse(t, base), nil }
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "kept.db"), store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	other, err := embedtest.New(embedtest.Config{Dimension: 48})
	if err != nil {
		t.Fatal(err)
	}
	other.SetFingerprint("another model")
	embedder := &engine.EmbedderConfig{Kind: engine.Ollama, Open: func(context.Context) (embed.Embedder, error) { return other, nil }}
	for name, p := range map[string]*process{"files": start(t, nil, load, nil), "store": start(t, kept, load, nil)} {
		t.Run(name, func(t *testing.T) {
			before := p.engine.Status().Fingerprint
			applied, err := p.Promote(t.Context(), parse(t, promoted), nil, "ann", "it is better")
			if err != nil {
				t.Fatal(err)
			}
			catalog, now := p.Now()
			if catalog.Routes[0].Name != "fruit" || now.Number != 2 || now.Author != "ann" || now.Cause != "it is better" {
				t.Errorf("in place is %q, revision %+v", catalog.Routes[0].Name, now)
			}
			if applied.Fingerprint == before || applied.Fingerprint != p.engine.Status().Fingerprint {
				t.Errorf("fingerprint %s, before %s", applied.Fingerprint, before)
			}
			again, err := p.Promote(t.Context(), parse(t, promoted), embedder, "ann", "by another embedder")
			if err != nil {
				t.Fatal(err)
			}
			if again.Fingerprint == applied.Fingerprint || other.Texts() == 0 {
				t.Error("the other embedder does not serve")
			}
			if _, err := p.Rollback(t.Context(), 1, "", "", ""); err != nil {
				t.Fatal(err)
			}
			if catalog, _ := p.Now(); catalog.Routes[0].Name != "apples" {
				t.Errorf("after the return: %q", catalog.Routes[0].Name)
			}
			broken := errors.New("no such model")
			fails := &engine.EmbedderConfig{Kind: engine.Ollama, Open: func(context.Context) (embed.Embedder, error) { return nil, broken }}
			if _, err := p.Promote(t.Context(), parse(t, promoted), fails, "", ""); !errors.Is(err, broken) {
				t.Errorf("one that cannot be opened: %v", err)
			}
			if catalog, _ := p.Now(); catalog.Routes[0].Name != "apples" {
				t.Errorf("a failure has put %q in place", catalog.Routes[0].Name)
			}
		})
	}
}
