package policy_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

// as answers in the name of a model, with 10 tokens in and 2 out.
func as(name string) *forwardtest.Provider {
	return &forwardtest.Provider{StreamFunc: func(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		end, err := forwardtest.Says("x", "y").StreamFunc(ctx, req, emit)
		end.Model = name
		return end, err
	}}
}

func TestAnAnswerOfAnotherModel(t *testing.T) {
	model := func(name, upstream, address string, usd int64) routes.Model {
		return routes.Model{
			Name: name, Provider: routes.OpenAI, Model: upstream, BaseURL: address,
			Prices: routes.Prices{{Rates: routes.Rates{InputPerMTok: usd * 1e9, OutputPerMTok: usd * 1e9}}},
		}
	}
	for name, c := range map[string]struct {
		says     string
		recorded string
		cost     int64
	}{
		"the same":                 {"gpt-old", "", 12_000},
		"nothing":                  {"", "", 12_000},
		"its state of a day":       {"gpt-old-2024-08-06", "", 12_000},
		"its maker left out":       {"openai/GPT-old", "", 12_000},
		"another of the catalog":   {"gpt-new-2026-01-02", "gpt-new-2026-01-02", 60_000},
		"another, unknown":         {"gpt-odd", "gpt-odd", 12_000},
		"one of a different house": {"elsewhere", "elsewhere", 12_000},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			d := deploy().withModel(model("old", "gpt-old", "http://x", 1), as(c.says)).
				withModel(model("new", "gpt-new", "http://x", 5), forwardtest.Says("new")).
				withModel(model("far", "elsewhere", "http://y", 9), forwardtest.Says("far"))
			d.deps.Logger = zerolog.New(&log)
			f := d.forwarder(t)
			for range 2 {
				record, err := f.Forward(t.Context(), ask("hi"), discard)
				if err != nil {
					t.Fatal(err)
				}
				if a := record.Attempts[0]; a.UpstreamModel != c.recorded || record.UpstreamModel != c.recorded || a.Cost != c.cost {
					t.Errorf("recorded as %q for %d, want %q for %d", a.UpstreamModel, a.Cost, c.recorded, c.cost)
				}
			}
			warnings := 0
			if c.recorded != "" {
				warnings = 1
			}
			want(t, "warnings", warnings, strings.Count(log.String(), "another model answered"))
		})
	}
}
