package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/routes"
)

const (
	// outcomeFolds is how many parts the outcomes are split into.
	outcomeFolds = 5
	// embedAtOnce is how many prompts are embedded between two signs of progress.
	embedAtOnce = 256
)

// outcomesResult is what `eval --outcomes` found, as JSON.
type outcomesResult struct {
	Embedder string `json:"embedder"`
	Folds    int    `json:"folds"`
	Seed     uint64 `json:"seed"`
	// LeftOut are models that have no price or too few scores.
	LeftOut []string  `json:"left_out"`
	Costs   callCosts `json:"costs"`
	quality.Evaluation
}

// measuresOutcomes says whether outcomes are measured, not labelled prompts,
// and refuses what does not go together. A flag that was typed beats one that
// the environment or the settings file gave.
func (s *settings) measuresOutcomes(flags evalFlags) (bool, error) {
	outcomes := len(flags.outcomes) > 0
	if outcomes && len(flags.data) > 0 {
		if s.typed["data"] == s.typed["outcomes"] {
			return false, wrongUse("give --data or --outcomes, not both: decisions and models are measured apart")
		}
		outcomes = s.typed["outcomes"]
	}
	elsewhere, of := []string{"cost"}, "--outcomes"
	if outcomes {
		elsewhere, of = []string{"min", "max", "junit", "perturbed"}, "--data"
	}
	for _, name := range elsewhere {
		if s.typed[name] {
			return false, wrongUse("--%s goes with %s", name, of)
		}
	}
	return outcomes, nil
}

// evalOutcomes measures what choosing a model by expected quality is worth.
func (s *settings) evalOutcomes(ctx context.Context, std stdio, flags evalFlags) error {
	read, err := readOutcomes(flags.outcomes)
	if err != nil {
		return wrongUse("%w", err)
	}
	outcomes := once(read)
	if n := len(read) - len(outcomes); n > 0 {
		_, _ = fmt.Fprintf(std.err, "%s merged with an earlier one of the same prompt: a prompt counts once, with its mean scores\n", plural(n, "outcome"))
	}
	given, err := s.givenCosts(std, flags.costs, outcomes)
	if err != nil {
		return err
	}
	result := outcomesResult{Folds: outcomeFolds, Seed: flags.seed, LeftOut: []string{}}
	if result.Embedder, err = s.embedOutcomes(ctx, std, outcomes); err != nil {
		return err
	}
	predictions, err := quality.CrossValidate(outcomes, quality.Config{Folds: outcomeFolds, Seed: flags.seed})
	if err != nil {
		return wrongUse("--outcomes: %w", err)
	}
	result.Costs = given.of(outcomes, predictions)
	for _, m := range modelsOf(outcomes) {
		if _, ok := result.Costs.ByModel[m]; !ok {
			result.LeftOut = append(result.LeftOut, m)
		}
	}
	if result.Evaluation, err = quality.Evaluate(outcomes, predictions, result.Costs.ByModel); err != nil {
		return wrongUse("--outcomes: %w (models without a price or with too few scores: %s)", err, orNone(strings.Join(result.LeftOut, ", ")))
	}
	if result.Prompts == 0 || result.Best.Quality <= result.Cheapest.Quality {
		return wrongUse("--outcomes: on the %s that have a score of both, %q is no better than %q, which costs less: there is nothing to choose",
			plural(result.Prompts, "prompt"), result.Best.Model, result.Cheapest.Model)
	}
	return writeOutcomes(std, flags, &result)
}

// once merges the outcomes of equal prompts into their mean, in order: a prompt
// in two folds would be measured on what was learnt from itself.
func once(all []routes.Outcome) []quality.Outcome {
	place := map[string]int{}
	var merged []quality.Outcome
	var counts []map[string]float64
	for _, o := range all {
		i, ok := place[o.Text]
		if !ok {
			i = len(merged)
			place[o.Text] = i
			merged = append(merged, quality.Outcome{Text: o.Text, Scores: map[string]float64{}})
			counts = append(counts, map[string]float64{})
		}
		for model, score := range o.Scores {
			counts[i][model]++
			merged[i].Scores[model] += (score - merged[i].Scores[model]) / counts[i][model]
		}
	}
	return merged
}

// modelsOf are the models that have a score, sorted.
func modelsOf(outcomes []quality.Outcome) []string {
	var names []string
	for _, o := range outcomes {
		for name := range o.Scores {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// embedOutcomes gives each outcome its vector and says what made them.
func (s *settings) embedOutcomes(ctx context.Context, std stdio, outcomes []quality.Outcome) (string, error) {
	config, err := s.embedderConfig()
	if err != nil {
		return "", err
	}
	embedder, err := engine.OpenEmbedder(ctx, config)
	if err != nil {
		return "", err
	}
	if closer, ok := embedder.(io.Closer); ok {
		defer func() { _ = closer.Close() }()
	}
	show := progressOn(std.err, newLogger(std.err, zerolog.InfoLevel))
	for from := 0; from < len(outcomes); from += embedAtOnce {
		part := outcomes[from:min(from+embedAtOnce, len(outcomes))]
		texts := make([]string, len(part))
		for i := range part {
			texts[i] = part[i].Text
		}
		batch, err := embedder.EmbedQueries(ctx, texts)
		if err != nil {
			return "", fmt.Errorf("embedding outcomes: %w", err)
		}
		for i := range part {
			part[i].Vector = batch.Vectors[i]
		}
		show("embedding outcomes", from+len(part), len(outcomes))
	}
	return embedder.Fingerprint(), nil
}

// writeOutcomes writes what was asked for.
func writeOutcomes(std stdio, flags evalFlags, result *outcomesResult) error {
	var problems []error
	if flags.report != "" {
		problems = append(problems, writeFile(flags.report, func(w io.Writer) error {
			return writeOutcomesPage(w, "Choosing a model, on "+strings.Join(flags.outcomes, ", "), time.Now(), result)
		}))
	}
	if flags.asJSON {
		problems = append(problems, json.NewEncoder(std.out).Encode(result))
	} else {
		problems = append(problems, printOutcomes(std.out, result))
	}
	return errors.Join(problems...)
}
