package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// newPromise measures whether the precision that fit promises holds.
func newPromise(o *options) *cobra.Command {
	resamples := 1000
	cmd := &cobra.Command{
		Use:   "promise",
		Short: "Does the precision that fit promises hold?",
		Long: "Takes the decisions on the utterances of train.jsonl, each by a model that has not\n" +
			"seen it, for all prompts there are, so that the true precision of every threshold\n" +
			"is known. Each resample draws as many with replacement, fits on them, and asks\n" +
			"whether the true precision at the threshold found is what was promised, and how\n" +
			"much coverage is lost against the best threshold of all prompts. The same with\n" +
			"the decisions on test.jsonl, on which nothing was trained; and last what a fit on\n" +
			"the utterances alone gives on test.jsonl, which may be of another kind.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.promise(cmd.Context(), resamples) },
	}
	cmd.Flags().IntVar(&resamples, "resamples", resamples, "how often to draw")
	return cmd
}

func (o *options) promise(ctx context.Context, resamples int) error {
	train, err := o.read("train.jsonl")
	if err != nil {
		return err
	}
	test, err := o.read("test.jsonl")
	if err != nil {
		return err
	}
	built, err := o.build(ctx, catalogOf(train))
	if err != nil {
		return err
	}
	defer func() { _ = built.Close() }()
	held, _ := built.HeldOut()
	tested, err := decide(ctx, built.Generation, test, built.RouteID)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(o.out, "%d resamples of %s with %s vectors, seed %d\n", resamples, o.folder, o.embedder.Kind, o.seed)
	_, _ = fmt.Fprintln(o.out, "prompts             n      asked  holds in  coverage  best possible  lost")
	for _, prompts := range []struct {
		name string
		all  []classify.Prediction
	}{{"held-out utterances", held}, {"test", tested}} {
		for _, precision := range []float64{.90, .95, .99} {
			o.resample(prompts.name, prompts.all, precision, resamples)
		}
	}
	for _, precision := range []float64{.90, .95, .99} {
		fitted := classify.PromisePrecision(held, precision)
		there := classify.PromiseAt(tested, fitted.Threshold, precision)
		best := bestCoverage(tested, precision)
		_, _ = fmt.Fprintf(o.out, "fitted on utterances for %.2f: on test %.4f right, coverage %.4f, best possible %.4f\n",
			precision, there.Precision, there.Coverage, best)
	}
	return nil
}

// resample prints one line about fits on draws from the population.
func (o *options) resample(name string, population []classify.Prediction, precision float64, times int) {
	rng := rand.New(rand.NewPCG(o.seed, uint64(1e4*precision)))
	best := bestCoverage(population, precision)
	draw := make([]classify.Prediction, len(population))
	holds, coverage := 0, 0.0
	for range times {
		for i := range draw {
			draw[i] = population[rng.IntN(len(population))]
		}
		truth := classify.PromiseAt(population, classify.PromisePrecision(draw, precision).Threshold, precision)
		if truth.Accepted == 0 || truth.Precision >= precision {
			holds++
		}
		coverage += truth.Coverage / float64(times)
	}
	_, _ = fmt.Fprintf(o.out, "%-19s %-6d %.2f   %.3f     %.4f    %.4f         %.4f\n",
		name, len(population), precision, float64(holds)/float64(times), coverage, best, best-coverage)
}

// bestCoverage is that of the lowest threshold above which the share is right on
// exactly these predictions.
func bestCoverage(predictions []classify.Prediction, precision float64) (coverage float64) {
	order := slices.Clone(predictions)
	slices.SortStableFunc(order, func(a, b classify.Prediction) int { return cmp.Compare(b.Confidence, a.Confidence) })
	right := 0
	for i := range order {
		if order[i].Right() {
			right++
		}
		if last := i+1 == len(order) || order[i+1].Confidence != order[i].Confidence; last && float64(right) >= precision*float64(i+1) {
			coverage = float64(i+1) / float64(len(order))
		}
	}
	return coverage
}

// decide decides labelled prompts; id numbers the routes.
func decide(ctx context.Context, g *router.Generation, prompts []routes.Labelled, id func(string) int32) ([]classify.Prediction, error) {
	r := router.New(router.Config{})
	r.Swap(g)
	texts := make([]string, len(prompts))
	for i := range prompts {
		texts[i] = prompts[i].Text
	}
	decisions, err := eval.DecideAll(ctx, r, texts, 0, nil)
	if err != nil {
		return nil, err
	}
	predictions := make([]classify.Prediction, len(prompts))
	for i := range decisions {
		predictions[i] = classify.Prediction{
			Example: int32(i), Label: id(prompts[i].Route), Route: id(decisions[i].Leading), RunnerUp: id(decisions[i].RunnerUp),
			Confidence: float32(decisions[i].Confidence), Margin: float32(decisions[i].Margin),
		}
	}
	return predictions, nil
}
