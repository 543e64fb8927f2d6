package trial_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/learn/trial"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

func TestOutcomesAreGatheredFromFeedback(t *testing.T) {
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "kept.db"), store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, r := range []struct{ id, user, body string }{
		{"failed over", "ann", `{"attempts":[{"model":"small"},{"model":"judge","judge":true},{"model":"large"}]}`},
		{"plain", "bob", `{"attempts":[{"model":"large"}]}`},
	} {
		kept.Append(store.Record{Time: now, Decision: r.id, Route: "r", Model: "large", User: r.user, Body: json.RawMessage(r.body)})
	}
	if err := kept.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, f := range []struct{ decision, body string }{
		{"failed over", `{"thumbs":"down","decision":{"route":"r","model":"large"}}`},
		{"failed over", `{"thumbs":"up","decision":{"route":"r","model":"large"}}`}, // of the same decision
		{"plain", `{"verdict":"right","decision":{"route":"r","model":"large"}}`},   // nothing of the answer
		{"plain", `{"score":0.75,"decision":{"route":"r","model":"large"}}`},
		{"gone", `{"score":0.25,"decision":{"route":"r","model":"small"}}`},
		{"elsewhere", `{"thumbs":"up","decision":{"route":"other","model":"small"}}`},
	} {
		if _, err := kept.AddFeedback(t.Context(), store.Feedback{Key: fmt.Sprint(i), Decision: f.decision, Time: now, Body: json.RawMessage(f.body)}); err != nil {
			t.Fatal(err)
		}
	}
	got, truncated, err := trial.Gather(t.Context(), kept, map[string]trial.Arms{"r": {"small": 1, "large": 1}})
	if err != nil || truncated {
		t.Fatalf("truncated %v, %v", truncated, err)
	}
	want := []trial.Outcome{
		{Route: "r", Model: "small", User: "ann"}, {Route: "r", Model: "large", User: "bob", Success: true}, {Route: "r", Model: "small"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTrialsAreRoutesThatShareOut(t *testing.T) {
	weights := map[string]int{"small": 9, "large": 1}
	catalog := &routes.Catalog{Routes: []routes.Route{
		{Name: "shared", Forwarding: routes.Forwarding{Strategy: routes.Weighted, Weights: weights}},
		{Name: "too", Forwarding: routes.Forwarding{Strategy: routes.Weighted, Weights: weights}},
		{Name: "ordered", Forwarding: routes.Forwarding{Weights: weights}},
	}}
	if diff := cmp.Diff(map[string]trial.Arms{"shared": weights, "too": weights}, trial.Of(catalog, "")); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]trial.Arms{"too": weights}, trial.Of(catalog, "too")); diff != "" {
		t.Errorf("one (-want +got):\n%s", diff)
	}
}
