package policy_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
)

// cascading has a cheap model that says the text and a dear one behind it.
func cascading(says *forwardtest.Provider, checks ...routes.Check) *deployment {
	d := deploy().with("dear", 9, forwardtest.Says("dear ", "answer")).with("cheap", 1, says)
	d.policy.Cascade = &routes.Cascade{Accept: checks}
	return d
}

func TestChecks(t *testing.T) {
	sure := &forwardtest.Provider{StreamFunc: func(_ context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		if !req.LogProbs {
			return forward.End{}, errors.New("log-probabilities were not asked for")
		}
		return forward.End{Finish: forward.FinishStop}, emit(forward.Piece{Text: "x", LogProbs: []float64{-1, -2}})
	}}
	tool := &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		return forward.End{Finish: forward.FinishToolCalls}, emit(forward.Piece{Tool: &forward.ToolPiece{ID: "1", Name: "look", Arguments: "{}"}})
	}}
	filtered := &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		return forward.End{Finish: forward.FinishFiltered}, emit(forward.Piece{Text: "half of"})
	}}
	says := func(text string) *forwardtest.Provider { return forwardtest.Says(text) }
	const schema = `{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}`
	cases := []struct {
		name     string
		provider *forwardtest.Provider
		check    routes.Check
		accepted bool
	}{
		{"regex matches", says("order 66"), routes.Check{Kind: routes.MatchesRegex, Pattern: `\d+`}, true},
		{"regex does not", says("order"), routes.Check{Kind: routes.MatchesRegex, Pattern: `\d+`}, false},
		{"not_regex does not match", says("order"), routes.Check{Kind: routes.NotRegex, Pattern: `\d+`}, true},
		{"not_regex matches", says("order 66"), routes.Check{Kind: routes.NotRegex, Pattern: `\d+`}, false},
		{"schema fits", says(`{"a": 1}`), routes.Check{Kind: routes.MatchesSchema, JSONSchema: schema}, true},
		{"schema does not fit", says(`{"a": "1"}`), routes.Check{Kind: routes.MatchesSchema, JSONSchema: schema}, false},
		{"no JSON", says("a is 1"), routes.Check{Kind: routes.MatchesSchema, JSONSchema: schema}, false},
		{"more than JSON", says(`{"a": 1} there you are`), routes.Check{Kind: routes.MatchesSchema, JSONSchema: schema}, false},
		{"sure", sure, routes.Check{Kind: routes.MeanLogprob, MinLogprob: -1.5}, true},
		{"unsure", sure, routes.Check{Kind: routes.MeanLogprob, MinLogprob: -1.4}, false},
		{"no log-probabilities", says("x"), routes.Check{Kind: routes.MeanLogprob, MinLogprob: -0.1}, true},
		{"empty", says(" \n"), routes.Check{Kind: routes.NotEmpty}, false},
		{"not empty", says("x"), routes.Check{Kind: routes.NotEmpty}, true},
		{"a tool call is not empty", tool, routes.Check{Kind: routes.NotEmpty}, true},
		{"refusal", says("I'm sorry, but I can't help with that."), routes.Check{Kind: routes.NotRefusal}, false},
		{"refusal as an AI", says("As an AI language model, I do not have opinions."), routes.Check{Kind: routes.NotRefusal}, false},
		{"filtered", filtered, routes.Check{Kind: routes.NotRefusal}, false},
		{"sorry is no refusal", says("I'm sorry to hear that. Your refund is on its way."), routes.Check{Kind: routes.NotRefusal}, true},
		{"expression holds", says("short"), routes.Check{Kind: routes.WhenTrue, When: `size(answer) < 10 && prompt.contains("hi") && finish == "stop" && output_tokens == 1`}, true},
		{"expression does not", says("rather long an answer"), routes.Check{Kind: routes.WhenTrue, When: `size(answer) < 10`}, false},
		{"expression over tools", tool, routes.Check{Kind: routes.WhenTrue, When: `"look" in tools`}, true},
		{"expression that fails", says("x"), routes.Check{Kind: routes.WhenTrue, When: `int(answer) > 1`}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			record, err := cascading(c.provider, c.check).forwarder(t).Forward(context.Background(), ask("hi"), discard)
			if err != nil {
				t.Fatal(err)
			}
			if accepted := record.Model == "cheap"; accepted != c.accepted || !record.Cascade {
				t.Errorf("answered by %q: %+v", record.Model, record.Attempts)
			}
		})
	}
}

func TestCascadeHoldsAndCostsBothAnswers(t *testing.T) {
	d := cascading(forwardtest.Says("I ", "cannot ", "help."), routes.Check{Kind: routes.NotRefusal})
	var got forward.Collector
	record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), got.Add)
	if err != nil {
		t.Fatal(err)
	}
	if text := got.Answer().Text; text != "dear answer" {
		t.Errorf("the caller got %q", text)
	}
	want(t, "path", []string{"cheap:rejected", "dear:done"}, path(record))
	want(t, "costs", forward.Costs{Answer: 108_000, Failed: 13_000, Dearest: 108_000}, record.Costs)
	if !strings.Contains(record.Attempts[0].Error, "refusal") {
		t.Errorf("rejected for %q", record.Attempts[0].Error)
	}
}

func TestAcceptedAnswerArrivesWhole(t *testing.T) {
	long := strings.Repeat("äöü€", 20_000)
	d := cascading(forwardtest.Says(long, "end"), routes.Check{Kind: routes.NotEmpty})
	var got forward.Collector
	pieces := 0
	record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), func(p forward.Piece) error {
		pieces++
		return got.Add(p)
	})
	if err != nil || got.Answer().Text != long+"end" || pieces < 2 {
		t.Errorf("%d bytes in %d pieces, %v", len(got.Answer().Text), pieces, err)
	}
	if record.Usage.OutputTokens != 2 || record.Finish != forward.FinishStop {
		t.Errorf("usage %+v, finish %q", record.Usage, record.Finish)
	}
}

func TestCascadeGoesOnWhenTheCheapModelFails(t *testing.T) {
	half := &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		if err := emit(forward.Piece{Text: "half"}); err != nil {
			return forward.End{}, err
		}
		return forward.End{}, dead
	}}
	var got forward.Collector
	record, err := cascading(half, routes.Check{Kind: routes.NotEmpty}).forwarder(t).Forward(context.Background(), ask("hi"), got.Add)
	if err != nil || got.Answer().Text != "dear answer" {
		t.Fatalf("the caller got %q, %v", got.Answer().Text, err)
	}
	want(t, "path", []string{"cheap:server_error", "cheap:server_error", "dear:done"}, path(record))
}

func TestCascadeKeepsTheOrderThatIsAskedFor(t *testing.T) {
	d := cascading(forwardtest.Says("cheap"), routes.Check{Kind: routes.NotEmpty})
	d.policy.Strategy = routes.Order
	if got := answeredBy(t, d.forwarder(t), ask("hi")); got != "dear" {
		t.Errorf("answered by %q", got)
	}
}

func TestJudge(t *testing.T) {
	cases := map[string]struct {
		says     string
		accepted bool
	}{
		"good":           {"0.9", true},
		"good in words":  {"I would give it 0.75.", true},
		"bad":            {"0.2", false},
		"no score":       {"very good", false},
		"out of range":   {"9 of 10", false},
		"just the limit": {"0.7", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var asked forward.Request
			judge := &forwardtest.Provider{StreamFunc: func(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
				asked = req
				return forwardtest.Says(c.says).StreamFunc(ctx, req, emit)
			}}
			d := cascading(forwardtest.Says("four"), routes.Check{Kind: routes.JudgedBy, Judge: &routes.Judge{Model: "judge", MinScore: 0.7}})
			d.with("judge", 2, judge)
			call := ask("two and two")
			call.Models = []string{"dear", "cheap"}
			record, err := d.forwarder(t).Forward(context.Background(), call, discard)
			if err != nil {
				t.Fatal(err)
			}
			if accepted := record.Model == "cheap"; accepted != c.accepted {
				t.Errorf("answered by %q: %+v", record.Model, record.Attempts)
			}
			if text := asked.Messages[0].Text(); !strings.Contains(text, "two and two") || !strings.Contains(text, "four") {
				t.Errorf("the judge was asked %q", text)
			}
			if a := record.Attempts[1]; a.Model != "judge" || !a.Judge || a.Cost != 22_000 || record.Costs.Failed < 22_000 {
				t.Errorf("the judge's attempt is %+v, costs %+v", a, record.Costs)
			}
		})
	}
}

func TestBadExpressionSaysWhere(t *testing.T) {
	check := routes.Check{Kind: routes.WhenTrue, When: "size(answer) > 1 && anwser != ''", At: routes.Position{File: "c.yaml", Line: 7, Column: 10}}
	_, err := policy.New(policy.Deps{
		Catalog: &routes.Catalog{Routes: []routes.Route{{Name: "r", Forwarding: routes.Forwarding{Cascade: &routes.Cascade{Accept: []routes.Check{check}}}}}},
		Tokens:  forwardtest.Words{},
	}, forward.Config{})
	if err == nil || !strings.Contains(err.Error(), "c.yaml:7:30") || !strings.Contains(err.Error(), "anwser") {
		t.Errorf("error is %v", err)
	}
}

func TestBadPolicies(t *testing.T) {
	for name, check := range map[string]routes.Check{
		"regex":       {Kind: routes.MatchesRegex, Pattern: "("},
		"schema":      {Kind: routes.MatchesSchema, JSONSchema: `{"type": 5}`},
		"remote":      {Kind: routes.MatchesSchema, JSONSchema: `{"$ref": "http://127.0.0.1:1/x.json"}`},
		"expression":  {Kind: routes.WhenTrue, When: "answer +"},
		"not a bool":  {Kind: routes.WhenTrue, When: "size(answer)"},
		"judge":       {Kind: routes.JudgedBy, Judge: &routes.Judge{Model: "nobody"}},
		"unknown":     {Kind: "taste"},
		"local files": {Kind: routes.MatchesSchema, JSONSchema: `{"$ref": "file:///etc/passwd"}`},
	} {
		t.Run(name, func(t *testing.T) {
			check.At = routes.Position{File: "catalog.yaml", Line: 7, Column: 3}
			_, err := policy.New(policy.Deps{
				Catalog: &routes.Catalog{Routes: []routes.Route{{Name: "r", Forwarding: routes.Forwarding{Cascade: &routes.Cascade{Accept: []routes.Check{check}}}}}},
				Tokens:  forwardtest.Words{},
			}, forward.Config{})
			if !errors.Is(err, forward.ErrConfig) || !strings.Contains(err.Error(), "catalog.yaml:7:") {
				t.Errorf("error is %v", err)
			}
		})
	}
}
