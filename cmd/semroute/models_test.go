package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/forward/forwardtest"
	"go.uber.org/goleak"
)

func checkedModels(t *testing.T, got ran) []checked {
	t.Helper()
	var all []checked
	for line := range strings.Lines(got.out) {
		var c checked
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, c)
	}
	return all
}

func TestModelsCheckCallsEveryModelOnce(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	d := startDoubles(t, scripts(says("OK", ".")), scripts(refuses(429)))
	got := runWith(t, "", "models", "check", "--catalog", d.catalog, "--json")
	if got.code != exitFailed || got.err != "" {
		t.Errorf("code %d, %q", got.code, got.err)
	}
	want := []checked{
		{Model: "near", Provider: "ollama", OK: true, Status: "done", InputTokens: 10, OutputTokens: 2, CostNanoUSD: 14_000},
		{Model: "far", Provider: "openai", Status: "rate_limited", Error: `model "far": rate limited (HTTP 429): out of order`},
		{Model: "unused", Provider: "anthropic", Unpriced: true,
			Error: `secret is missing: model "unused": set the environment variable SEMROUTE_TEST_KEY_THAT_NOBODY_SETS, or remove api_key_env from the catalog`},
	}
	models := checkedModels(t, got)
	if diff := cmp.Diff(want, models, cmpopts.IgnoreFields(checked{}, "LatencyUS", "FirstPieceUS")); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	if len(models) > 0 && (models[0].LatencyUS <= 0 || models[0].FirstPieceUS <= 0) {
		t.Errorf("latency %d, first piece %d", models[0].LatencyUS, models[0].FirstPieceUS)
	}
	if near, far := len(d.near.Calls()), len(d.far.Calls()); near != 1 || far != 1 {
		t.Errorf("%d and %d calls, want one each", near, far)
	}
}

func TestModelsCheckForPeople(t *testing.T) {
	t.Setenv("SEMROUTE_TEST_KEY_THAT_NOBODY_SETS", "secret-value")
	d := startDoubles(t, scripts(says("OK")), scripts(says("OK")))
	got := runWith(t, "", "models", "check", "--catalog", d.catalog, "--timeout", "2s")
	lines := strings.Split(got.out, "\n")
	if got.code != exitFailed || len(lines) < 4 {
		t.Fatalf("code %d: %s", got.code, got.out)
	}
	for i, words := range []string{"MODEL PROVIDER RESULT", "near ollama ok", "far openai ok", "unused anthropic"} {
		for _, word := range strings.Fields(words) {
			if !strings.Contains(lines[i], word) {
				t.Errorf("line %d lacks %q: %s", i+1, word, lines[i])
			}
		}
	}
	if strings.Contains(got.out+got.err, "secret-value") {
		t.Error("the key is shown")
	}
}

func TestModelsCheckEndsInTime(t *testing.T) {
	d := startDoubles(t, scripts(func(w forwardtest.Wire) { w.Hang() }), scripts(says("OK")))
	got := runWith(t, "", "models", "check", "--catalog", d.catalog, "--json", "--timeout", "50ms")
	if models := checkedModels(t, got); len(models) != 3 || models[0].OK || models[0].Status != "timeout" {
		t.Errorf("code %d, models %+v", got.code, models)
	}
}

func TestModelsCheckIsRefused(t *testing.T) {
	none := catalogFile(t, "routes:\n  - {name: a, utterances: [x]}\n")
	for _, args := range [][]string{{"--catalog", none}, {}, {"--catalog", none, "--timeout", "0s"}, {"--catalog", none, "extra"}} {
		if got := runWith(t, "", append([]string{"models", "check"}, args...)...); got.code != exitWrongUse {
			t.Errorf("%q: code %d, %s", args, got.code, got.err)
		}
	}
}

func TestModelsCheckOfGoodModelsIsDone(t *testing.T) {
	near := forwardtest.NewServer(t, forwardtest.Anthropic(), says("OK"))
	catalog := catalogFile(t, "models:\n  - {name: a, provider: anthropic, model: m, base_url: "+near.URL+"}\nroutes:\n  - {name: a, utterances: [x]}\n")
	if got := runWith(t, "", "models", "check", "--catalog", catalog); got.code != exitDone {
		t.Errorf("code %d: %s", got.code, got.out)
	}
}
