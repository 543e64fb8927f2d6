package suggest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
	"github.com/semroute/semroute/learn/suggest"
)

// toward is a unit vector near an axis of eight, the nearer the smaller the
// noise.
func toward(axis int, noise float32, rng *rand.Rand) []float32 {
	v := make([]float32, 8)
	for i := range v {
		v[i] = noise * (rng.Float32() - .5)
	}
	v[axis]++
	vec.Normalize(v)
	return v
}

// shop is a catalog of two routes: refunds toward axis 0, parcels toward axis 1.
func shop(rng *rand.Rand) *suggest.Catalog {
	c := &suggest.Catalog{Routes: []string{"parcels", "refunds"}}
	for axis, route := range []string{"refunds", "parcels"} {
		for i := range 12 {
			c.Entries = append(c.Entries, index.Entry{
				Key: index.Key{Route: route, Utterance: fmt.Sprintf("%s %d", route, i)}, Vector: toward(axis, .4, rng),
			})
		}
	}
	return c
}

func mustSuggest(t *testing.T, c *suggest.Catalog, prompts []suggest.Prompt, o suggest.Options) []suggest.Suggestion {
	t.Helper()
	found, err := suggest.Suggest(t.Context(), c, prompts, o)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// besides leaves out what is looked at elsewhere.
var besides = cmpopts.IgnoreFields(suggest.Suggestion{}, "ID", "Effect", "Evidence", "Replaces")

func TestWrongPromptsBecomeUtterances(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	vouchers := toward(2, .1, rng) // refunds speak of vouchers now, which no utterance does
	prompts := []suggest.Prompt{
		{Text: "my voucher", Vector: vouchers, Decisions: []string{"d1", "d0"}, Decided: "parcels", Leading: "parcels", RunnerUp: "refunds", Wrong: true, Known: true, Right: "refunds"},
		{Text: "my voucher!", Vector: vouchers, Decisions: []string{"d2"}, Unsure: true, Leading: "parcels", Known: true, Right: "refunds"},
		{Text: "well decided", Vector: toward(0, .1, rng), Decisions: []string{"d3"}, Decided: "refunds", Leading: "refunds", Known: true, Right: "refunds"},
		{Text: "of a route that is gone", Vector: toward(3, .1, rng), Decisions: []string{"d4"}, Decided: "parcels", Leading: "parcels", Wrong: true, Known: true, Right: "gone"},
		{Text: "refunds 3", Vector: toward(4, .1, rng), Decisions: []string{"d5"}, Unsure: true, Known: true, Right: "refunds"}, // the catalog has it
	}
	found := mustSuggest(t, shop(rng), prompts, suggest.Options{})
	want := []suggest.Suggestion{{Kind: suggest.AddUtterance, Route: "refunds", Utterances: []string{"my voucher"}, Prompts: 3}}
	if diff := cmp.Diff(want, found, besides); diff != "" {
		t.Fatalf("suggestions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]suggest.Evidence{{Decision: "d1", Text: "my voucher"}, {Decision: "d2", Text: "my voucher!"}}, found[0].Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"my voucher!"}, found[0].Replaces); diff != "" {
		t.Errorf("near-duplicates (-want +got):\n%s", diff)
	}
	again := mustSuggest(t, shop(rand.New(rand.NewPCG(1, 1))), prompts, suggest.Options{})
	if again[0].ID != found[0].ID || found[0].ID == "" {
		t.Errorf("the same change is %q and %q", found[0].ID, again[0].ID)
	}
}

// An utterance is worth what it does for prompts that it was not made of.
func TestTheEffectIsMeasuredOnOtherPrompts(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	var prompts []suggest.Prompt
	for i := range 20 {
		prompts = append(prompts, suggest.Prompt{
			Text: fmt.Sprintf("voucher %d", i), Vector: toward(2, .5, rng), Decisions: []string{fmt.Sprint("d", i)},
			Decided: "parcels", Leading: "parcels", RunnerUp: "refunds", Wrong: true, Known: true, Right: "refunds",
		})
	}
	found := mustSuggest(t, shop(rng), prompts, suggest.Options{Limit: 1})
	if len(found) != 1 {
		t.Fatalf("%d suggestions, want 1", len(found))
	}
	e := found[0].Effect
	if e.Gained == 0 || e.Lost > 0 || e.After-e.Before != e.Gained-e.Lost || e.Measured >= 24+20 || e.Measured < 24 {
		t.Errorf("effect of what helps: %+v", e)
	}
}

func TestGuessesAreMarked(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	prompts := []suggest.Prompt{
		{Text: "unsure", Vector: toward(2, .1, rng), Unsure: true, Leading: "parcels"},
		{Text: "wrong, and nobody says what is right", Vector: toward(3, .1, rng), Decided: "parcels", Leading: "parcels", RunnerUp: "refunds", Wrong: true},
		{Text: "wrong then, and led otherwise now", Vector: toward(4, .1, rng), Decided: "refunds", Leading: "parcels", RunnerUp: "refunds", Wrong: true},
		{Text: "no idea", Vector: toward(5, .1, rng), Unsure: true},
	}
	got := map[string]string{}
	for _, s := range mustSuggest(t, shop(rng), prompts, suggest.Options{Kinds: []suggest.Kind{suggest.AddUtterance}}) {
		if !s.Guess {
			t.Errorf("not marked as a guess: %+v", s)
		}
		got[s.Utterances[0]] = s.Route
	}
	want := map[string]string{"unsure": "parcels", "wrong, and nobody says what is right": "refunds", "wrong then, and led otherwise now": "parcels"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes guessed (-want +got):\n%s", diff)
	}
}

func TestRefusedPromptsBecomeARoute(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var prompts []suggest.Prompt
	for i := range 8 {
		prompts = append(prompts, suggest.Prompt{
			Text: fmt.Sprintf("cancel my gym membership %d", i), Vector: toward(5, .3, rng), Decisions: []string{fmt.Sprint("d", i)}, Unsure: true, Leading: "refunds",
		})
	}
	between := []float32{1, 0, 0, 0, 0, 0, 0, .6}
	vec.Normalize(between)
	prompts = append(prompts,
		suggest.Prompt{Text: "the weather", Vector: toward(6, .1, rng), Decided: "parcels", Leading: "parcels", Wrong: true, Known: true},
		suggest.Prompt{Text: "near refunds", Vector: between, Unsure: true, Leading: "refunds"},
	)
	catalog := shop(rng)
	catalog.Routes = append(catalog.Routes, "cancel_gym") // the name that it would get
	found := mustSuggest(t, catalog, prompts, suggest.Options{})
	byKind := map[suggest.Kind]suggest.Suggestion{}
	for _, s := range found {
		byKind[s.Kind] = s
	}
	route := byKind[suggest.NewRoute]
	if route.Route != "cancel_gym_2" || route.Prompts != 8 || len(route.Utterances) < 3 || len(route.Evidence) == 0 {
		t.Errorf("new route: %+v", route)
	}
	if none := byKind[suggest.AddNone]; none.Route != "" || !cmp.Equal(none.Utterances, []string{"the weather"}) || none.Guess {
		t.Errorf("what fits nowhere: %+v", none)
	}
	if add := byKind[suggest.AddUtterance]; !cmp.Equal(add.Utterances, []string{"near refunds"}) {
		t.Errorf("a refused prompt near a route: %+v", add)
	}
	if len(found) != 3 {
		t.Errorf("%d suggestions, want 3: %+v", len(found), found)
	}
}

func TestUtterancesUnderTheWrongRouteAreMoved(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	catalog := shop(rng)
	for i, e := range catalog.Entries {
		label := int32(1) // refunds
		if e.Route == "parcels" {
			label = 0
		}
		catalog.HeldOut = append(catalog.HeldOut, classify.Prediction{Example: int32(i), Label: label, Route: label, RunnerUp: 1 - label, Confidence: .9, Margin: .8})
	}
	catalog.Entries[2].Vector = toward(1, .2, rng) // a refund that looks like a parcel
	catalog.HeldOut[2] = classify.Prediction{Example: 2, Label: 1, Route: 0, RunnerUp: 1, Confidence: .95, Margin: .9}
	want := []suggest.Suggestion{{Kind: suggest.MoveUtterance, Route: "parcels", From: "refunds", Utterances: []string{"refunds 2"}, Guess: true}}
	if diff := cmp.Diff(want, mustSuggest(t, catalog, nil, suggest.Options{}), besides); diff != "" {
		t.Errorf("suggestions (-want +got):\n%s", diff)
	}
}

func TestSuggestAtTheEnds(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	if found := mustSuggest(t, &suggest.Catalog{}, nil, suggest.Options{}); found != nil {
		t.Errorf("nothing suggests %+v", found)
	}
	one := &suggest.Catalog{Routes: []string{"a"}, Entries: []index.Entry{{Key: index.Key{Route: "a", Utterance: "x"}, Vector: toward(0, 0, rng)}}}
	prompts := []suggest.Prompt{{Text: "y", Vector: toward(1, 0, rng), Unsure: true, Known: true, Right: "a"}}
	if found := mustSuggest(t, one, prompts, suggest.Options{}); len(found) != 1 {
		t.Errorf("one utterance and one prompt suggest %+v", found)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := suggest.Suggest(ctx, one, prompts, suggest.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the context: %v", err)
	}
}
