package transformer

import (
	"errors"
	"testing"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/tinymodel"
)

// A panic in a worker must not end the process, and the next call works.
func TestAPanicOfAWorkerIsAnErrorOfItsCall(t *testing.T) {
	e, err := Open(t.Context(), Config{Path: tinymodel.New(encoder.Mean).Folder(t), CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.embed(t.Context(), nil, []string{"no prefix to look at"}); !errors.Is(err, embed.ErrEmbed) {
		t.Errorf("got %v, want an ErrEmbed", err)
	}
	if _, err := e.EmbedQueries(t.Context(), []string{"hello"}); err != nil {
		t.Error(err)
	}
}
