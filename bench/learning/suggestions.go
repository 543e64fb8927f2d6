package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/learn/suggest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// thinned says how the catalog is cut down.
type thinned struct {
	routes, left, accept int
}

// newSuggestions measures what accepted suggestions win back.
func newSuggestions(o *options) *cobra.Command {
	cut := thinned{routes: 30, left: 3, accept: 300}
	cmd := &cobra.Command{
		Use:   "suggestions",
		Short: "How much of a lost accuracy do accepted suggestions win back?",
		Long: "Cuts some routes of train.jsonl, drawn at random, down to a few utterances. Their\n" +
			"other utterances are prompts that users send and say the right route of. The\n" +
			"first suggestions are accepted as they come, and the three catalogs (whole, cut,\n" +
			"mended) are measured on test.jsonl.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.suggestions(cmd.Context(), cut) },
	}
	f := cmd.Flags()
	f.IntVar(&cut.routes, "routes", cut.routes, "how many routes are cut")
	f.IntVar(&cut.left, "left", cut.left, "how many utterances each of them keeps")
	f.IntVar(&cut.accept, "accept", cut.accept, "how many suggestions are accepted")
	return cmd
}

func (o *options) suggestions(ctx context.Context, cut thinned) error {
	train, err := o.read("train.jsonl")
	if err != nil {
		return err
	}
	test, err := o.read("test.jsonl")
	if err != nil {
		return err
	}
	kept, prompts := thin(train, cut, rand.New(rand.NewPCG(o.seed, 30)))
	whole, err := o.accuracy(ctx, train, test)
	if err != nil {
		return err
	}
	built, err := o.build(ctx, catalogOf(kept))
	if err != nil {
		return err
	}
	defer func() { _ = built.Close() }()
	before, err := score(ctx, built, test)
	if err != nil {
		return err
	}
	start := time.Now()
	found, err := suggestFrom(ctx, built, prompts, cut.accept)
	if err != nil {
		return err
	}
	took := time.Since(start)
	mended := slices.Clone(kept)
	var estimate suggest.Effect
	for i := range found {
		for _, text := range found[i].Utterances {
			mended = append(mended, routes.Labelled{Text: text, Route: found[i].Route})
		}
		estimate.Gained += found[i].Effect.Gained
		estimate.Lost += found[i].Effect.Lost
	}
	after, err := o.accuracy(ctx, mended, test)
	if err != nil {
		return err
	}
	random := slices.Clone(kept)
	for _, i := range rand.New(rand.NewPCG(o.seed, 31)).Perm(len(prompts))[:min(len(found), len(prompts))] {
		random = append(random, prompts[i])
	}
	byChance, err := o.accuracy(ctx, random, test)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(o.out, "%s with %s vectors, seed %d: %d routes cut to %d utterances, %d prompts with feedback\n",
		o.folder, o.embedder.Kind, o.seed, cut.routes, cut.left, len(prompts))
	_, _ = fmt.Fprintf(o.out, "accuracy on test: whole %.4f, cut %.4f, %d suggestions accepted %.4f: %.1f %% of the loss won back (as many prompts at random: %.1f %%)\n",
		whole, before, len(found), after, 100*(after-before)/(whole-before), 100*(byChance-before)/(whole-before))
	_, _ = fmt.Fprintf(o.out, "suggesting took %s; estimated one by one, the effects add up to %d gained, %d lost\n", took.Round(time.Millisecond), estimate.Gained, estimate.Lost)
	return nil
}

// thin cuts routes down and gives what is left, and what was cut.
func thin(prompts []routes.Labelled, cut thinned, rng *rand.Rand) (kept, gone []routes.Labelled) {
	var names []string
	for _, p := range prompts {
		names = append(names, p.Route)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	left := map[string]int{} // of the routes that are cut
	for _, i := range rng.Perm(len(names))[:min(cut.routes, len(names))] {
		left[names[i]] = cut.left
	}
	for _, p := range prompts {
		n, isCut := left[p.Route]
		if isCut && n == 0 {
			gone = append(gone, p)
			continue
		}
		if isCut {
			left[p.Route]--
		}
		kept = append(kept, p)
	}
	return kept, gone
}

// accuracy builds a catalog of the prompts and measures it.
func (o *options) accuracy(ctx context.Context, prompts, test []routes.Labelled) (float64, error) {
	built, err := o.build(ctx, catalogOf(prompts))
	if err != nil {
		return 0, err
	}
	defer func() { _ = built.Close() }()
	return score(ctx, built, test)
}

// score is the share of the prompts whose leading route is right.
func score(ctx context.Context, built *engine.Assembly, test []routes.Labelled) (float64, error) {
	predictions, err := decide(ctx, built.Generation, test, built.RouteID)
	if err != nil {
		return 0, err
	}
	right := 0
	for i := range predictions {
		if predictions[i].Right() {
			right++
		}
	}
	return float64(right) / float64(len(predictions)), nil
}

// suggestFrom decides the prompts, says of each which route is right, and takes
// the suggestions.
func suggestFrom(ctx context.Context, built *engine.Assembly, prompts []routes.Labelled, limit int) ([]suggest.Suggestion, error) {
	r := router.New(router.Config{})
	r.Swap(built.Generation)
	texts := make([]string, len(prompts))
	for i := range prompts {
		texts[i] = prompts[i].Text
	}
	decisions, err := eval.DecideAll(ctx, r, texts, 0, nil)
	if err != nil {
		return nil, err
	}
	batch, err := built.Embedder.EmbedQueries(ctx, texts)
	if err != nil {
		return nil, err
	}
	decided := make([]suggest.Prompt, len(prompts))
	for i := range prompts {
		d := &decisions[i]
		decided[i] = suggest.Prompt{
			Text: texts[i], Vector: batch.Vectors[i], Decisions: []string{d.ID}, Decided: d.Route, Leading: d.Leading, RunnerUp: d.RunnerUp,
			Unsure: d.Route == "", Wrong: d.Route != "" && d.Route != prompts[i].Route, Known: true, Right: prompts[i].Route,
		}
	}
	entries, err := built.Entries(ctx)
	if err != nil {
		return nil, err
	}
	held, names := built.HeldOut()
	return suggest.Suggest(ctx, &suggest.Catalog{Routes: names, Entries: entries, HeldOut: held}, decided,
		suggest.Options{Limit: limit, Kinds: []suggest.Kind{suggest.AddUtterance}})
}
