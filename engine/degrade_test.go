package engine

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	"github.com/semroute/semroute/router"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// With static vectors the embedder cannot fail, but a server's index can. Then the copy
// of its vectors in memory decides as the server would; where that is too large, static
// vectors do.
func TestDecisionsGoOnWithoutTheIndexServer(t *testing.T) {
	for name, c := range map[string]struct {
		copyBytes int
		says      string
		stage     router.Stage
	}{
		"a copy that fits": {0, "the copy of its vectors in memory was searched", router.StageSemantic},
		"a copy too large": {1, "static vectors decided", router.StageStatic},
	} {
		t.Run(name, func(t *testing.T) {
			double := qdranttest.New(t)
			e := New(catalogOf(t, ""), Config{
				Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Qdrant, Address: double.Address(), Collection: "test"},
				Settings: router.Settings{DegradeToStatic: true}, Log: zerolog.Nop(), copyBytes: c.copyBytes,
			})
			if err := e.Build(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = e.Close() })
			decide := func() router.Decision {
				t.Helper()
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				d, err := e.Decide(ctx, router.Prompt{Text: "boats number 2"}, router.Limits{Candidates: 5, Matches: 3})
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
					double.Heal()
					fault()
					d := decide()
					if len(d.Degraded) != 1 || d.Degraded[0].Cause != router.CauseIndex || !strings.Contains(d.Degraded[0].Text, c.says) {
						t.Errorf("degraded %q, want one word about it", d.Degraded)
					}
					if c.stage != router.StageSemantic {
						if len(d.Candidates) == 0 || d.Candidates[0].Route != healthy.Candidates[0].Route {
							t.Errorf("candidates %v, want those of the same vectors: %v", d.Candidates, healthy.Candidates)
						}
						return
					}
					// The same decision as with the server, whose cosines are of float32.
					if d.Route != healthy.Route || d.Stage != healthy.Stage || d.Abstained != healthy.Abstained {
						t.Errorf("%+v, want %+v", d, healthy)
					}
					near := cmpopts.EquateApprox(0, 1e-3)
					if diff := cmp.Diff(healthy.Candidates, d.Candidates, near); diff != "" {
						t.Errorf("candidates (-server +copy):\n%s", diff)
					}
					if diff := cmp.Diff(healthy.Matches, d.Matches, near); diff != "" {
						t.Errorf("matches (-server +copy):\n%s", diff)
					}
				})
			}
			double.Heal()
			if d := decide(); len(d.Degraded) > 0 {
				t.Errorf("the server is back, and the decision lacks %q", d.Degraded)
			}
		})
	}
}
