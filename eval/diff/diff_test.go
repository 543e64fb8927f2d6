package diff

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/evaltest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

var _ = flag.Bool("update", false, "write the golden files anew")

func withModel(d router.Decision, model string) router.Decision {
	d.Models = []string{model}
	return d
}

func twoSides() (before, after *evaltest.Scripted, prompts []routes.Labelled) {
	before, after = &evaltest.Scripted{Decisions: map[string]router.Decision{}}, &evaltest.Scripted{Decisions: map[string]router.Decision{}}
	for i, c := range []struct {
		text, truth string
		was, is     router.Decision
	}{
		{"same", "a", evaltest.Chose("a", .9), evaltest.Chose("a", .8)}, // confidence alone is no change
		{"fixed", "a", evaltest.Chose("b", .6), evaltest.Chose("a", .7)},
		{"broken", "a", evaltest.Chose("a", .6), evaltest.Abstained("a", .3)},
		{"still wrong", "a", evaltest.Chose("b", .6), evaltest.Chose("c", .7)},
		{"refused now", "", evaltest.Chose("b", .6), evaltest.Abstained("b", .3)},
		{"another model", "a", evaltest.Chose("a", .9), withModel(evaltest.Chose("a", .9), "large")},
		{"another reason", "", evaltest.Abstained("", 0), evaltest.Abstained("a", .1)}, // no change
	} {
		before.Decisions[c.text], after.Decisions[c.text] = c.was, c.is
		prompts = append(prompts, routes.Labelled{Text: c.text, Route: c.truth, Line: i + 1})
	}
	return before, after, prompts
}

func TestDiff(t *testing.T) {
	before, after, prompts := twoSides()
	var last, total int
	changes, err := Run(context.Background(), before, after, prompts, Config{
		Labelled: true, BatchSize: 3, Progress: func(done, all int) { last, total = done, all },
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(changes, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	evaltest.Golden(t, "diff.golden", string(text)+"\n")
	if last != total || total != 2*len(prompts) {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	if sum := changes.Routes + changes.Abstentions + changes.Models; sum != changes.Changed || sum != len(changes.Decisions) {
		t.Errorf("%d changes of a kind, %d in all, %d listed", sum, changes.Changed, len(changes.Decisions))
	}
}

func TestDiffWithoutLabelsJudgesNothing(t *testing.T) {
	before, after, prompts := twoSides()
	changes, err := Run(context.Background(), before, after, prompts, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if changes.Labels != nil || changes.Decisions[0].Truth != nil || changes.Decisions[0].Effect != "" {
		t.Errorf("got %+v", changes)
	}
}

func TestDiffOfOneDeciderIsEmpty(t *testing.T) {
	before, _, prompts := twoSides()
	changes, err := Run(context.Background(), before, before, prompts, Config{Labelled: true})
	if err != nil {
		t.Fatal(err)
	}
	want := &Changes{N: 7, Labels: &LabelChanges{RightBefore: 4, RightAfter: 4}, Before: "f00d", After: "f00d", Decisions: []Change{}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
}

func TestDiffRefuses(t *testing.T) {
	boom := errors.New("boom")
	before, after, prompts := twoSides()
	if _, err := Run(context.Background(), before, after, nil, Config{}); !errors.Is(err, eval.ErrNoPrompts) {
		t.Errorf("got %v", err)
	}
	after.Err = boom
	if _, err := Run(context.Background(), before, after, prompts, Config{}); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}
