package engine_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/tinymodel"
	"github.com/semroute/semroute/engine"
)

// TestTransformerIsOpenedByItsPath: the model's own vectors, with the prefixes
// that are set, and the converted model in the cache folder.
func TestTransformerIsOpenedByItsPath(t *testing.T) {
	folder, cache, query := tinymodel.New(encoder.Mean).Folder(t), t.TempDir(), "play: "
	open := func(prefix *string) string {
		t.Helper()
		e, err := engine.OpenEmbedder(t.Context(), engine.EmbedderConfig{
			Kind: engine.Transformer, ModelPath: folder, CacheDir: cache, QueryPrefix: prefix, CacheBytes: 1 << 20,
		})
		if err != nil {
			t.Fatal(err)
		}
		batch, err := e.EmbedQueries(t.Context(), []string{"refund my order"})
		if err != nil || len(batch.Vectors[0]) != e.Dimension() {
			t.Fatalf("%v, %v", batch, err)
		}
		return e.Fingerprint()
	}
	plain := open(nil)
	if !strings.HasPrefix(plain, "transformer:") || open(nil) != plain || open(&query) == plain {
		t.Errorf("fingerprint %s; with a prefix %s", plain, open(&query))
	}
	if kept, err := filepath.Glob(filepath.Join(cache, "encoders", "*.srm")); err != nil || len(kept) != 1 {
		t.Errorf("kept %v, %v", kept, err)
	}
}

func TestBadModelIsAnErrorThatNamesTheFile(t *testing.T) {
	_, err := engine.OpenEmbedder(t.Context(), engine.EmbedderConfig{Kind: engine.Transformer, ModelPath: t.TempDir()})
	if !errors.Is(err, checkpoint.ErrCheckpoint) || !strings.Contains(err.Error(), "no config.json") {
		t.Errorf("got %v", err)
	}
}
