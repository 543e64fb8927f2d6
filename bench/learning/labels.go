package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/learn/labelerrors"
	"github.com/semroute/semroute/learn/suggest"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// newLabels measures how many flipped labels are found.
func newLabels(o *options) *cobra.Command {
	share := 0.05
	cmd := &cobra.Command{
		Use:   "labels",
		Short: "Are flipped labels found?",
		Long: "Puts a share of the utterances of train.jsonl under another route, drawn at random,\n" +
			"and ranks all by how wrong their label looks. Average precision is that of the\n" +
			"flipped ones in this ranking; whatever else is wrong in the data counts against it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.labels(cmd.Context(), share) },
	}
	cmd.Flags().Float64Var(&share, "share", share, "share of the labels that is flipped")
	return cmd
}

func (o *options) labels(ctx context.Context, share float64) error {
	train, err := o.read("train.jsonl")
	if err != nil {
		return err
	}
	flipped := flip(train, share, rand.New(rand.NewPCG(o.seed, 5)))
	catalog := catalogOf(train)
	built, err := o.build(ctx, catalog)
	if err != nil {
		return err
	}
	defer func() { _ = built.Close() }()
	entries, err := built.Entries(ctx)
	if err != nil {
		return err
	}
	held, names := built.HeldOut()
	order := slices.Clone(held)
	slices.SortStableFunc(order, func(a, b classify.Prediction) int {
		return compareDescending(labelerrors.Gap(&a), labelerrors.Gap(&b))
	})
	isFlipped := func(example int32) bool { return flipped[entries[example].Utterance] == entries[example].Route }
	found, precision := 0, 0.0
	for i := range order {
		if isFlipped(order[i].Example) {
			found++
			precision += float64(found) / float64(i+1)
		}
	}
	suspects, right := labelerrors.Find(held, len(names)), 0
	for _, s := range suspects {
		if isFlipped(s.Example) {
			right++
		}
	}
	_, _ = fmt.Fprintf(o.out, "%s with %s vectors, seed %d: %d of %d labels flipped; average precision %.4f; %d suspects named, %d of them flipped\n",
		o.folder, o.embedder.Kind, o.seed, found, len(held), precision/float64(found), len(suspects), right)
	moves, err := suggest.Suggest(ctx, &suggest.Catalog{Routes: names, Entries: entries, HeldOut: held}, nil,
		suggest.Options{Limit: len(held), Kinds: []suggest.Kind{suggest.MoveUtterance}})
	if err != nil {
		return err
	}
	right = 0
	for i := range moves {
		if flipped[moves[i].Utterances[0]] == moves[i].From {
			right++
		}
	}
	_, _ = fmt.Fprintf(o.out, "%d suggested to be moved, %d of them flipped\n", len(moves), right)
	return nil
}

// flip changes the route of a share of the prompts to another one at random and
// gives the new routes by text.
func flip(prompts []routes.Labelled, share float64, rng *rand.Rand) map[string]string {
	var names []string
	for _, p := range prompts {
		names = append(names, p.Route)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	flipped := map[string]string{}
	for _, i := range rng.Perm(len(prompts))[:int(share*float64(len(prompts)))] {
		for was := prompts[i].Route; prompts[i].Route == was; {
			prompts[i].Route = names[rng.IntN(len(names))]
		}
		flipped[prompts[i].Text] = prompts[i].Route
	}
	return flipped
}

func compareDescending(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}
