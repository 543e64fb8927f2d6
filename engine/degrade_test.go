package engine

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	"github.com/semroute/semroute/router"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// With static vectors the embedder cannot fail, but a server's index can.
func TestStaticVectorsDecideWithoutTheIndexServer(t *testing.T) {
	double := qdranttest.New(t)
	e := New(catalogOf(t, ""), Config{
		Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Qdrant, Address: double.Address(), Collection: "test"},
		Settings: router.Settings{DegradeToStatic: true}, Log: zerolog.Nop(),
	})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	decide := func() router.Decision {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		d, err := e.Decide(ctx, router.Prompt{Text: "boats number 2"}, router.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	healthy := decide()
	if healthy.Stage != router.StageSemantic || len(healthy.Degraded) > 0 {
		t.Fatalf("stage %s, degraded %q, with a healthy index", healthy.Stage, healthy.Degraded)
	}
	for name, fault := range map[string]func(){
		"it fails": func() { double.Fail("Points/Query", 0, 100, status.Error(codes.Unavailable, "gone")) },
		"it hangs": func() { double.Delay("Points/Query", 100, time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			fault()
			d := decide()
			if len(d.Degraded) != 1 || d.Degraded[0].Cause != router.CauseIndex || !strings.Contains(d.Degraded[0].Text, "static vectors decided") {
				t.Errorf("degraded %q, want one word about it", d.Degraded)
			}
			if len(d.Candidates) == 0 || d.Candidates[0].Route != healthy.Candidates[0].Route {
				t.Errorf("candidates %v, want those of the same vectors: %v", d.Candidates, healthy.Candidates)
			}
		})
	}
}
