package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/forward/quality/report"
)

// embedAtOnce is how many prompts are embedded between two signs of progress.
const embedAtOnce = 256

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
		elsewhere, of = []string{"min", "max", "junit", "perturbed", "unknown-labels"}, "--data"
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
	outcomes := quality.Merge(read)
	if n := len(read) - len(outcomes); n > 0 {
		_, _ = fmt.Fprintf(std.err, "%s merged with an earlier one of the same prompt: a prompt counts once, with its mean scores\n", plural(n, "outcome"))
	}
	costs, err := s.outcomeCosts(std, flags.costs, outcomes)
	if err != nil {
		return err
	}
	embedder, err := s.embedOutcomes(ctx, std, outcomes)
	if err != nil {
		return err
	}
	result, err := report.Measure(outcomes, costs, embedder, flags.seed)
	if err != nil {
		return wrongUse("--outcomes: %w", err)
	}
	return writeOutcomes(std, flags, result)
}

// outcomeCosts are the costs of one call from --cost, then from the prices of
// the catalog, if one is named.
func (s *settings) outcomeCosts(std stdio, typed []string, outcomes []quality.Outcome) (report.Costs, error) {
	costs, err := report.Given(typed, outcomes)
	if err != nil {
		return costs, wrongUse("--cost: %w", err)
	}
	if len(s.catalog) == 0 {
		return costs, nil
	}
	catalog, err := s.loadCatalog(std)
	if err != nil {
		return costs, err
	}
	counter, err := engine.NewCounter()
	if err != nil {
		return costs, err
	}
	costs.AddPrices(catalog.Models, time.Now(), counter, outcomes)
	return costs, nil
}

// embedOutcomes gives each outcome its vector and says what made them.
func (s *settings) embedOutcomes(ctx context.Context, std stdio, outcomes []quality.Outcome) (string, error) {
	if !s.isChosen {
		s.embedder = engine.Static // which describes prompts where models are chosen
	}
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
func writeOutcomes(std stdio, flags evalFlags, result *report.Result) error {
	var problems []error
	if flags.report != "" {
		problems = append(problems, writeFile(flags.report, func(w io.Writer) error {
			return result.WritePage(w, "Choosing a model, on "+strings.Join(flags.outcomes, ", "), time.Now())
		}))
	}
	if flags.asJSON {
		problems = append(problems, json.NewEncoder(std.out).Encode(result))
	} else {
		problems = append(problems, result.WriteText(std.out))
	}
	return errors.Join(problems...)
}
