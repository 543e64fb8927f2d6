package transformer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/embed/transformer"
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/tinymodel"
)

// places are where an XLM-RoBERTa is read from: a folder, a file of llama.cpp, and
// what Ollama keeps.
func places(t *testing.T, model *tinymodel.Model) map[string]string {
	t.Helper()
	models, digest := t.TempDir(), "sha256-1111111111111111111111111111111111111111111111111111111111111111"
	for path, data := range map[string][]byte{
		filepath.Join("blobs", digest): model.GGUF(),
		filepath.Join("manifests", "registry.ollama.ai", "library", "tiny-xlm", "latest"): []byte(
			`{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:` + digest[len("sha256-"):] + `"}]}`),
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(models, path)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(models, path), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("OLLAMA_MODELS", models)
	return map[string]string{"folder": model.Folder(t), "GGUF": filepath.Join(models, "blobs", digest), "Ollama": "ollama:tiny-xlm"}
}

// TestXLMRoberta compares vectors with the plain arithmetic of float64 on the ids
// that the texts have.
func TestXLMRoberta(t *testing.T) {
	for _, pooling := range []encoder.Pooling{encoder.Mean, encoder.CLS} {
		model := tinymodel.NewXLM(pooling)
		id := map[string]uint32{}
		for i, token := range model.Tokens {
			id[token] = uint32(i)
		}
		texts := map[string][]uint32{
			"":                  {},
			"refund my order":   {id["▁refund"], id["▁my"], id["▁order"]},
			"  plAy \n jazz, x": {id["▁play"], id["▁jazz"], id[","], id["▁"], id["x"]}, // the map of characters makes a of A
			"Ж <mask> <s>":      {id["▁"], id["<unk>"], id["<mask>"], id["<s>"]},
		}
		for name, path := range places(t, model) {
			e := open(t, transformer.Config{Path: path})
			for text, ids := range texts {
				batch, err := e.EmbedQueries(t.Context(), []string{text})
				if err != nil {
					t.Fatal(err)
				}
				want := model.Reference(append(append([]uint32{id["<s>"]}, ids...), id["</s>"]))
				var cosine float64
				for i, v := range batch.Vectors[0] {
					cosine += float64(v) * want[i]
				}
				if !(cosine > .999) {
					t.Errorf("%s, %s: %q: cosine %v", name, pooling, text, cosine)
				}
			}
		}
	}
}

func TestXLMSuite(t *testing.T) {
	folder, cache := tinymodel.NewXLM(encoder.Mean).Folder(t), t.TempDir()
	embedtest.Run(t, func(t *testing.T) embed.Embedder {
		return open(t, transformer.Config{Path: folder, CacheDir: cache})
	})
}

// TestAPrefixIsDividedFromItsText by the space that it ends with, once.
func TestAPrefixIsDividedFromItsText(t *testing.T) {
	folder, prefix, none := tinymodel.NewXLM(encoder.Mean).Folder(t), "play: ", ""
	prefixed := open(t, transformer.Config{Path: folder, QueryPrefix: &prefix})
	plain := open(t, transformer.Config{Path: folder, QueryPrefix: &none})
	got, err := prefixed.EmbedQueries(t.Context(), []string{"red car"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := plain.EmbedQueries(t.Context(), []string{"play: red car"})
	if err != nil {
		t.Fatal(err)
	}
	if dot(got.Vectors[0], want.Vectors[0]) < 1-1e-6 {
		t.Errorf("similarity %v", dot(got.Vectors[0], want.Vectors[0]))
	}
}
