package engine

import (
	"flag"
	"os"
	"testing"

	"github.com/semroute/semroute/classify/background"
	"github.com/semroute/semroute/internal/vec"
)

var updateBackground = flag.Bool("update-background", false, "write the vectors of the background that come with the program")

// TestTheVectorsOfTheBackgroundAreOfTheProgramsModel holds the file that `make
// background` writes to the prompts and the model beside it.
func TestTheVectorsOfTheBackgroundAreOfTheProgramsModel(t *testing.T) {
	const path = "../classify/background/bge-small-en-v1.5.vectors"
	e, err := OpenEmbedder(t.Context(), EmbedderConfig{Kind: Transformer})
	if err != nil {
		t.Skipf("no model to embed with: %v", err)
	}
	subjects, err := background.Subjects()
	if err != nil {
		t.Fatal(err)
	}
	prompts := background.Fingerprint(subjects)
	var texts []string
	for _, s := range subjects {
		texts = append(texts, s.Prompts...)
	}
	if *updateBackground {
		batch, err := e.EmbedDocuments(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, background.Encode(e.Fingerprint(), prompts, batch.Vectors), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	vectors, err := background.Vectors(e.Fingerprint(), prompts)
	if err != nil {
		t.Fatal(err)
	}
	if len(vectors) != len(texts) {
		t.Fatalf("%d vectors of %d prompts: a prompt or the model has changed; run make background", len(vectors), len(texts))
	}
	const every = 100
	for i := 0; i < len(texts); i += every {
		batch, err := e.EmbedDocuments(t.Context(), texts[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		if similarity := vec.Dot(vectors[i], batch.Vectors[0]); similarity < .998 {
			t.Errorf("%q: similarity %.4f to its own vector", texts[i], similarity)
		}
	}
}
