package eval

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

func withModel(d router.Decision, model string) router.Decision {
	d.Models = []string{model}
	return d
}

func twoSides() (before, after *scripted, prompts []routes.Labelled) {
	before, after = &scripted{decisions: map[string]router.Decision{}}, &scripted{decisions: map[string]router.Decision{}}
	for i, c := range []struct {
		text, truth string
		was, is     router.Decision
	}{
		{"same", "a", chose("a", .9), chose("a", .8)}, // confidence alone is no change
		{"fixed", "a", chose("b", .6), chose("a", .7)},
		{"broken", "a", chose("a", .6), abstained("a", .3)},
		{"still wrong", "a", chose("b", .6), chose("c", .7)},
		{"refused now", "", chose("b", .6), abstained("b", .3)},
		{"another model", "a", chose("a", .9), withModel(chose("a", .9), "large")},
		{"another reason", "", abstained("", 0), abstained("a", .1)}, // no change
	} {
		before.decisions[c.text], after.decisions[c.text] = c.was, c.is
		prompts = append(prompts, routes.Labelled{Text: c.text, Route: c.truth, Line: i + 1})
	}
	return before, after, prompts
}

func TestDiff(t *testing.T) {
	before, after, prompts := twoSides()
	var last, total int
	changes, err := Diff(context.Background(), before, after, prompts, DiffConfig{
		Labelled: true, BatchSize: 3, Progress: func(done, all int) { last, total = done, all },
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(changes, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "diff.golden", string(text)+"\n")
	if last != total || total != 2*len(prompts) {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	if sum := changes.Routes + changes.Abstentions + changes.Models; sum != changes.Changed || sum != len(changes.Decisions) {
		t.Errorf("%d changes of a kind, %d in all, %d listed", sum, changes.Changed, len(changes.Decisions))
	}
}

func TestDiffWithoutLabelsJudgesNothing(t *testing.T) {
	before, after, prompts := twoSides()
	changes, err := Diff(context.Background(), before, after, prompts, DiffConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if changes.Labels != nil || changes.Decisions[0].Truth != nil || changes.Decisions[0].Effect != "" {
		t.Errorf("got %+v", changes)
	}
}

func TestDiffOfOneDeciderIsEmpty(t *testing.T) {
	before, _, prompts := twoSides()
	changes, err := Diff(context.Background(), before, before, prompts, DiffConfig{Labelled: true})
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
	if _, err := Diff(context.Background(), before, after, nil, DiffConfig{}); !errors.Is(err, ErrNoPrompts) {
		t.Errorf("got %v", err)
	}
	after.err = boom
	if _, err := Diff(context.Background(), before, after, prompts, DiffConfig{}); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}
