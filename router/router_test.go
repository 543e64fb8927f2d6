package router_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// axes is an embedder whose vector says which of a few words a text holds.
type axes struct {
	words  []string
	fail   error
	calls  int
	seen   []string
	prefix string
}

func (a *axes) EmbedQueries(_ context.Context, texts []string) (embed.Batch, error) {
	a.calls++
	a.seen = append(a.seen, texts...)
	if a.fail != nil {
		return embed.Batch{}, a.fail
	}
	b := embed.Batch{Truncated: make([]bool, len(texts))}
	for _, text := range texts {
		v := make([]float32, len(a.words)+1)
		v[len(a.words)] = 0.05
		for i, w := range a.words {
			if strings.Contains(text, w) {
				v[i] = 1
			}
		}
		vec.Normalize(v)
		b.Vectors = append(b.Vectors, v)
	}
	return b, nil
}

func (a *axes) Fingerprint() string { return a.prefix + "axes" }

// scan is a brute-force index over entries.
type scan struct {
	entries []router.Match
	vectors [][]float32
	fail    error
}

func (s *scan) Search(_ context.Context, q index.Query) ([]router.Match, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	var found []router.Match
	for i, e := range s.entries {
		if len(q.Routes) > 0 && !contains(q.Routes, e.Route) {
			continue
		}
		e.Similarity = vec.Dot(q.Vector, s.vectors[i])
		found = append(found, e)
	}
	for i := range found { // selection sort keeps the test free of cleverness
		for j := i + 1; j < len(found); j++ {
			if found[j].Similarity > found[i].Similarity {
				found[i], found[j] = found[j], found[i]
			}
		}
	}
	return found[:min(q.K, len(found))], nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

const catalogYAML = `
models:
  - {name: small, provider: ollama, model: s}
  - {name: large, provider: ollama, model: l}
routes:
  - {name: refunds, utterances: ["refund money", "money back"], models: [small, large]}
  - {name: parcels, utterances: ["parcel late", "where parcel"], models: [small]}
  - {name: weather, utterances: ["rain today", "weather rain"], models: [large]}
fallback: {models: [large]}
`

type fixture struct {
	router   *router.Router
	embedder *axes
	index    *scan
}

func newFixture(t *testing.T, yaml string, settings router.Settings) *fixture {
	t.Helper()
	catalog, err := routes.Parse("catalog.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{embedder: &axes{words: []string{"refund", "money", "parcel", "rain", "weather"}}, index: &scan{}}
	fillIndex(t, f.index, f.embedder, catalog)
	g, err := router.NewGeneration(router.Parts{
		Catalog:  catalog,
		Semantic: router.Space{Embedder: f.embedder, Index: f.index, Ranker: neighbours{}},
		Tokens:   words{},
		Settings: settings,
	})
	if err != nil {
		t.Fatal(err)
	}
	f.embedder.calls, f.embedder.seen = 0, nil
	f.router = router.New(router.Config{Clock: func() time.Time { return time.Unix(0, 0) }, NewID: func() string { return "id" }})
	f.router.Swap(g)
	return f
}

func fillIndex(t *testing.T, idx *scan, e *axes, catalog *routes.Catalog) {
	t.Helper()
	for _, route := range catalog.Routes {
		for _, u := range route.Utterances {
			b, err := e.EmbedQueries(t.Context(), []string{u})
			if err != nil {
				t.Fatal(err)
			}
			idx.entries = append(idx.entries, router.Match{Route: route.Name, Utterance: u})
			idx.vectors = append(idx.vectors, b.Vectors[0])
		}
	}
}

// words counts words as tokens.
type words struct{}

func (words) Count(text string) int { return len(strings.Fields(text)) }

func decide(t *testing.T, r *router.Router, p router.Prompt) router.Decision {
	t.Helper()
	d, err := r.Decide(t.Context(), p, router.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecide(t *testing.T) {
	f := newFixture(t, catalogYAML, router.Settings{})
	tests := []struct {
		name   string
		prompt router.Prompt
		route  string
		reason router.Reason
		stage  router.Stage
		models []string
	}{
		{"a clear prompt takes its route", router.Prompt{Text: "i want my money back, a refund"}, "refunds", "", router.StageSemantic, []string{"small", "large"}},
		{"no text is an empty prompt", router.Prompt{Text: " \n\t\x00"}, "", router.ReasonEmpty, router.StageFallback, []string{"large"}},
		{"an unknown subject is none", router.Prompt{Text: "sing a song"}, "", router.ReasonBelowConfidence, router.StageFallback, []string{"large"}},
		{"a chat without user turns is empty", router.Prompt{Messages: []chat.Message{chat.Say(chat.Assistant, "rain")}}, "", router.ReasonEmpty, router.StageFallback, []string{"large"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := decide(t, f.router, tt.prompt)
			if d.Route != tt.route || d.Reason != tt.reason || d.Stage != tt.stage {
				t.Errorf("got route %q, reason %q, stage %s; want %q, %q, %s", d.Route, d.Reason, d.Stage, tt.route, tt.reason, tt.stage)
			}
			if diff := cmp.Diff(tt.models, d.Models); diff != "" {
				t.Errorf("models (-want +got):\n%s", diff)
			}
			if d.Abstained != (tt.route == "") {
				t.Errorf("abstained is %v with route %q", d.Abstained, d.Route)
			}
			if d.Confidence < 0 || d.Confidence > 1 || d.Margin < 0 || d.Margin > 1 {
				t.Errorf("confidence %v or margin %v is no probability", d.Confidence, d.Margin)
			}
			if d.Explain() == "" || d.ID != "id" || d.Fingerprint == "" {
				t.Errorf("decision lacks explanation, id or fingerprint: %+v", d)
			}
		})
	}
}

func TestLimitsShapeTheAnswer(t *testing.T) {
	f := newFixture(t, catalogYAML, router.Settings{})
	for _, tt := range []struct {
		limits              router.Limits
		candidates, matches int
	}{
		{router.Limits{}, 3, 3},
		{router.Limits{Candidates: 1, Matches: 2}, 1, 2},
		{router.Limits{Candidates: router.None, Matches: router.None}, 0, 0},
	} {
		d, err := f.router.Decide(t.Context(), router.Prompt{Text: "refund money parcel rain"}, tt.limits)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Candidates) != tt.candidates || len(d.Matches) != tt.matches {
			t.Errorf("%+v: %d candidates and %d matches, want %d and %d", tt.limits, len(d.Candidates), len(d.Matches), tt.candidates, tt.matches)
		}
		if d.Route == "" {
			t.Errorf("%+v changed the decision to none", tt.limits)
		}
	}
}

func TestThresholds(t *testing.T) {
	with := func(extra string) string { return catalogYAML + extra }
	prompt := router.Prompt{Text: "refund parcel"}
	tests := []struct {
		name   string
		yaml   string
		reason router.Reason
	}{
		{"a catalog bound on confidence", with("thresholds: {min_confidence: 0.99}\n"), router.ReasonBelowConfidence},
		{"a catalog bound on margin", with("thresholds: {min_confidence: 0, min_margin: 0.9}\n"), router.ReasonBelowMargin},
		{"a catalog bound on similarity", with("thresholds: {min_similarity: 0.99}\n"), router.ReasonFar},
		{"a bound of 0 is a bound, not unset", with("thresholds: {min_confidence: 0}\n"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := decide(t, newFixture(t, tt.yaml, router.Settings{}).router, prompt)
			if d.Reason != tt.reason {
				t.Errorf("reason %q (confidence %.2f, margin %.2f), want %q", d.Reason, d.Confidence, d.Margin, tt.reason)
			}
		})
	}
	t.Run("a route's own bound wins over the catalog's", func(t *testing.T) {
		yaml := strings.Replace(catalogYAML, "models: [small, large]}", "models: [small, large], min_confidence: 0}", 1) + "thresholds: {min_confidence: 1}\n"
		if d := decide(t, newFixture(t, yaml, router.Settings{}).router, router.Prompt{Text: "refund money"}); d.Route != "refunds" {
			t.Errorf("route %q, reason %q; want refunds", d.Route, d.Reason)
		}
	})
}

func TestTurns(t *testing.T) {
	conversation := router.Prompt{Messages: []chat.Message{
		chat.Say(chat.System, "parcel"),
		{Role: chat.User, Parts: []chat.Part{{Text: "weather and rain in Ohio"}, {Other: "audio"}}},
		chat.Say(chat.Assistant, "refund money"),
		chat.Say(chat.User, "what about Texas?"),
	}}
	tests := []struct {
		turns    router.Turns
		route    string
		embedded int
		seen     []string
	}{
		{router.TurnsAuto, "weather", 2, []string{"what about Texas?", "weather and rain in Ohio\nwhat about Texas?", "weather and rain in Ohio"}},
		{router.TurnsLast, "", 1, []string{"what about Texas?"}},
		{router.TurnsUser, "weather", 2, []string{"what about Texas?\nweather and rain in Ohio"}},
	}
	for _, tt := range tests {
		t.Run(string(tt.turns), func(t *testing.T) {
			f := newFixture(t, catalogYAML, router.Settings{Turns: tt.turns})
			d := decide(t, f.router, conversation)
			if d.Route != tt.route || d.Turns != tt.embedded || d.NonText != 1 {
				t.Errorf("route %q from %d turns with %d other parts; want %q from %d with 1", d.Route, d.Turns, d.NonText, tt.route, tt.embedded)
			}
			if diff := cmp.Diff(tt.seen, f.embedder.seen); diff != "" {
				t.Errorf("embedded texts (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a turn that stands on its own keeps its own route", func(t *testing.T) {
		f := newFixture(t, catalogYAML, router.Settings{})
		d := decide(t, f.router, router.Prompt{Messages: []chat.Message{
			chat.Say(chat.User, "weather today"), chat.Say(chat.User, "parcel late"),
		}})
		if d.Route != "parcels" || d.Turns != 1 {
			t.Errorf("route %q from %d turns; want parcels from 1", d.Route, d.Turns)
		}
	})
}

func TestBatchEmbedsOnce(t *testing.T) {
	f := newFixture(t, catalogYAML, router.Settings{})
	ds, err := f.router.DecideBatch(t.Context(), []router.Prompt{{Text: "refund"}, {Text: ""}, {Text: "parcel"}, {Text: "rain"}}, router.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range ds {
		got = append(got, d.Route)
	}
	if diff := cmp.Diff([]string{"refunds", "", "parcels", "weather"}, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if f.embedder.calls != 1 {
		t.Errorf("%d embedding calls, want 1", f.embedder.calls)
	}
}

func TestErrors(t *testing.T) {
	boom := errors.New("boom")
	t.Run("no generation yet", func(t *testing.T) {
		_, err := router.New(router.Config{}).Decide(t.Context(), router.Prompt{Text: "x"}, router.Limits{})
		if !errors.Is(err, router.ErrNotReady) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the embedder fails", func(t *testing.T) {
		f := newFixture(t, catalogYAML, router.Settings{})
		f.embedder.fail = boom
		_, err := f.router.Decide(t.Context(), router.Prompt{Text: "x"}, router.Limits{})
		if !errors.Is(err, router.ErrEmbedder) || !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the index fails", func(t *testing.T) {
		f := newFixture(t, catalogYAML, router.Settings{})
		f.index.fail = boom
		_, err := f.router.Decide(t.Context(), router.Prompt{Text: "x"}, router.Limits{})
		if !errors.Is(err, router.ErrIndex) || !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the caller has gone", func(t *testing.T) {
		f := newFixture(t, catalogYAML, router.Settings{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.router.Decide(ctx, router.Prompt{Text: "x"}, router.Limits{}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
