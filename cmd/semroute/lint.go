package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/eval/lint"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// lintFlags are the flags of `lint`.
type lintFlags struct {
	data   []string
	fix    bool
	asJSON bool
}

// newLint finds problems in the catalog and its utterances.
func newLint(s *settings, std stdio) *cobra.Command {
	var flags lintFlags
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Find problems in the catalog and its utterances",
		Long: "Reports everything that is wrong with the catalog's files, then what makes\n" +
			"decisions worse than they need be. Each finding says what to do. The exit code\n" +
			"is 1 when there are errors; warnings and hints leave it at 0.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.lint(cmd.Context(), std, flags) },
	}
	s.decisionFlags(cmd)
	dataFlag(cmd, &flags.data, "prompts to check for leakage from the catalog")
	cmd.Flags().BoolVar(&flags.fix, "fix", false, "remove what can be removed without asking: an utterance that its route holds twice")
	cmd.Flags().BoolVar(&flags.asJSON, "json", false, "print one JSON object")
	return cmd
}

// lintResult is what `lint --json` prints.
type lintResult struct {
	Problems []lintProblem  `json:"problems"`
	Findings []lint.Finding `json:"findings"`
}

// lintProblem is something that keeps the catalog from loading.
type lintProblem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

func (s *settings) lint(ctx context.Context, std stdio, flags lintFlags) error {
	if len(s.catalog) == 0 {
		return wrongUse("no catalog is named: give --catalog PATH")
	}
	data, err := readData(flags.data)
	if err != nil {
		return err
	}
	catalog, err := s.catalogFiles()
	var problems routes.Problems
	if errors.As(err, &problems) {
		return printLint(std, lintResult{Problems: lintProblems(problems), Findings: []lint.Finding{}}, flags.asJSON)
	}
	if err != nil {
		return err
	}
	warn(std, catalog)
	s.embedderOf(std, catalog)
	findings, err := s.findings(ctx, std, catalog, data)
	if err != nil {
		return err
	}
	if flags.fix {
		if findings, err = applyFixes(std, findings); err != nil {
			return err
		}
	}
	return printLint(std, lintResult{Problems: []lintProblem{}, Findings: findings}, flags.asJSON)
}

// applyFixes removes what is safe to remove and returns the findings that are
// left.
func applyFixes(std stdio, findings []lint.Finding) ([]lint.Finding, error) {
	var removals []routes.Removal
	left := []lint.Finding{}
	for _, f := range findings {
		if f.Fix == nil || f.Fix.Position == nil {
			left = append(left, f)
			continue
		}
		at := routes.Position{File: f.Fix.Position.File, Line: f.Fix.Position.Line, Column: f.Fix.Position.Column}
		removals = append(removals, routes.Removal{At: at, Utterance: f.Fix.Remove})
	}
	removed, err := routes.Remove(removals)
	_, _ = fmt.Fprintf(std.err, "removed %s\n", plural(removed, "utterance"))
	return left, err
}

// findings embeds the catalog and looks at its utterances.
func (s *settings) findings(ctx context.Context, std stdio, catalog *routes.Catalog, data []routes.Labelled) ([]lint.Finding, error) {
	config, err := s.engineConfig(newLogger(std.err, 2), progressOn(std.err, newLogger(std.err, 1)))
	if err != nil {
		return nil, err
	}
	built, err := engine.Build(ctx, catalog, config)
	if err != nil {
		return nil, catalogError(err)
	}
	defer func() { _ = built.Close() }()
	in, err := lintInput(ctx, built, data)
	if err != nil {
		return nil, err
	}
	return lint.Run(ctx, in)
}

// lintInput gathers the utterances with their vectors.
func lintInput(ctx context.Context, built *engine.Assembly, data []routes.Labelled) (lint.Input, error) {
	var in lint.Input
	at := positions(built.Generation.Catalog())
	entries, err := built.Entries(ctx)
	if err != nil {
		return in, err
	}
	for _, e := range entries {
		in.Entries = append(in.Entries, lint.Entry{Route: e.Route, Utterance: e.Utterance, Vector: e.Vector, At: at[e.Key]})
	}
	for _, f := range built.Synced.Failed {
		in.Unembedded = append(in.Unembedded, lint.Unembedded{
			Entry: lint.Entry{Route: f.Route, Utterance: f.Utterance, At: at[f.Key]}, Failure: f.Err,
		})
	}
	in.HeldOut = heldOut(built, in.Entries)
	in.Unserved = unserved(built.Generation.Catalog())
	texts := make([]string, len(data))
	for i := range data {
		texts[i] = data[i].Text
	}
	vectors, err := built.Embedder.EmbedDocuments(ctx, texts)
	var some *embed.TextsError
	if err != nil && !errors.As(err, &some) {
		return in, err
	}
	for i := range data {
		in.Evaluation = append(in.Evaluation, lint.EvaluationPrompt{Labelled: data[i], Vector: vectors.Vectors[i], Failure: some.Of(i)})
	}
	return in, nil
}

// heldOut is what models that had not seen an utterance decided on it. An
// utterance without such a decision is taken to agree with its route.
func heldOut(built *engine.Assembly, entries []lint.Entry) []lint.HeldOut {
	predictions, names := built.HeldOut()
	held := make([]lint.HeldOut, len(entries))
	for i := range entries {
		held[i] = lint.HeldOut{Route: entries[i].Route}
	}
	for _, p := range predictions {
		if int(p.Example) < len(held) && p.Route != classify.None { // those after the utterances fit no route
			held[p.Example] = lint.HeldOut{Route: names[p.Route], Probability: float64(p.Confidence), Margin: float64(p.Margin)}
		}
	}
	return held
}

// unserved are the routes without models, where the catalog has some to call.
func unserved(catalog *routes.Catalog) []string {
	var names []string
	for i := range catalog.Routes {
		if len(catalog.Models) > 0 && len(catalog.Routes[i].Models) == 0 {
			names = append(names, catalog.Routes[i].Name)
		}
	}
	return names
}

// positions says where every utterance stands.
func positions(catalog *routes.Catalog) map[index.Key]routes.Position {
	at := map[index.Key]routes.Position{}
	for i := range catalog.Routes {
		route := &catalog.Routes[i]
		for j, u := range route.Utterances {
			if j < len(route.UtterancesAt) {
				at[index.Key{Route: route.Name, Utterance: u}] = route.UtterancesAt[j]
			}
		}
	}
	return at
}

func lintProblems(problems routes.Problems) []lintProblem {
	list := make([]lintProblem, len(problems))
	for i, p := range problems {
		list[i] = lintProblem{File: p.Position.File, Line: p.Position.Line, Column: p.Position.Column, Message: p.Message}
	}
	return list
}

func printLint(std stdio, result lintResult, asJSON bool) error {
	failed := len(result.Problems) > 0
	for _, finding := range result.Findings {
		failed = failed || finding.Severity == lint.SeverityError
	}
	if asJSON {
		if err := json.NewEncoder(std.out).Encode(result); err != nil {
			return err
		}
	} else {
		for _, p := range result.Problems {
			_, _ = fmt.Fprintf(std.out, "%s:%d:%d: error: %s\n", p.File, p.Line, p.Column, p.Message)
		}
		for _, finding := range result.Findings {
			_, _ = fmt.Fprintln(std.out, finding)
		}
		_, _ = fmt.Fprintln(std.err, plural(len(result.Problems)+len(result.Findings), "finding"))
	}
	if failed {
		return errSilent
	}
	return nil
}
