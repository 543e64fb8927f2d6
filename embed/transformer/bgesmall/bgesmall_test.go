package bgesmall_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
	"github.com/semroute/semroute/embed/transformer"
	"github.com/semroute/semroute/embed/transformer/bgesmall"
	"github.com/semroute/semroute/embed/transformer/modelfile"
)

func open(t testing.TB) *transformer.Embedder {
	t.Helper()
	if bgesmall.Compiled() == nil {
		t.Skip("built with the tag nomodel: there is no model to test")
	}
	e, err := transformer.Open(t.Context(), transformer.Config{Compiled: bgesmall.Compiled()})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestItIsTheFileThatTheReadmeNames holds the committed file to what `make bge-small`
// makes of the weights as they are published.
func TestItIsTheFileThatTheReadmeNames(t *testing.T) {
	data := bgesmall.Compiled()
	if data == nil {
		t.Skip("built with the tag nomodel: there is no model to test")
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != bgesmall.SHA256 {
		t.Errorf("SHA-256 is %s, want %s", got, bgesmall.SHA256)
	}
	if _, err := modelfile.Parse(data); err != nil {
		t.Error(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), bgesmall.SHA256) {
		t.Error("README.md names another SHA-256")
	}
}

func TestSuite(t *testing.T) {
	embedtest.Run(t, func(t *testing.T) embed.Embedder { return open(t) })
}

// TestAgainstFloat32 compares with vectors that numpy has made of the published
// weights in float32 (testdata/reference.py of the package above).
func TestAgainstFloat32(t *testing.T) {
	e := open(t)
	data, err := os.ReadFile("testdata/float32.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lowest, mean, count := 1.0, 0.0, 0.0
	for line := range strings.Lines(string(data)) {
		var want struct {
			Text   string
			Vector []float32
		}
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		got, err := e.EmbedQueries(t.Context(), []string{want.Text})
		if err != nil {
			t.Fatal(err)
		}
		var cosine float64
		for i, v := range got.Vectors[0] {
			cosine += float64(v) * float64(want.Vector[i])
		}
		lowest, mean, count = min(lowest, cosine), mean+cosine, count+1
	}
	mean /= count
	if lowest < .997 || mean < .999 || count < 20 {
		t.Errorf("%v texts: cosine at least %.5f, on average %.5f; .997 and .999 are wanted", count, lowest, mean)
	}
}
