package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// fitFlags are the flags of `fit`.
type fitFlags struct {
	data       []string
	precision  float64
	staticLoss float64
	dryRun     bool
	asJSON     bool
}

// newFit finds the bounds under which the router should abstain.
func newFit(s *settings, std stdio) *cobra.Command {
	var flags fitFlags
	cmd := &cobra.Command{
		Use:   "fit",
		Short: "Find the confidence bounds that keep a precision, and write them beside the catalog",
		Long: "Finds the lowest confidence above which decisions are right with the asked\n" +
			"precision, on the catalog's own utterances (each decided by a model that has not\n" +
			"seen it) or on labelled prompts. The bound holds with 95 % certainty for prompts\n" +
			"like those it was found on. A precision that cannot be promised is an error that\n" +
			"names one that can, and nothing is written. With --embedder ollama it also finds\n" +
			"where the static stage may answer instead. What it found is written beside the\n" +
			"catalog and belongs to the catalog's fingerprint.",
		Example: "  semroute fit --catalog my.yaml --precision 0.95\n" +
			"  semroute fit --catalog my.yaml --embedder ollama --data prompts.jsonl",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.fit(cmd.Context(), std, flags) },
	}
	s.decisionFlags(cmd)
	dataFlag(cmd, &flags.data, "labelled prompts to fit on instead of the catalog's own utterances")
	f := cmd.Flags()
	f.Float64Var(&flags.precision, "precision", 0.95, "share of accepted decisions that must be right")
	f.Float64Var(&flags.staticLoss, "static-loss", engine.StaticLoss, "accuracy that the static stage may cost at most")
	f.BoolVar(&flags.dryRun, "dry-run", false, "print what was found and write nothing")
	f.BoolVar(&flags.asJSON, "json", false, "print one JSON object")
	return cmd
}

func (s *settings) fit(ctx context.Context, std stdio, flags fitFlags) error {
	if !(flags.precision > 0 && flags.precision < 1) {
		return wrongUse("--precision must lie between 0 and 1, not %v", flags.precision)
	}
	if !(flags.staticLoss >= 0 && flags.staticLoss < 1) {
		return wrongUse("--static-loss must be at least 0 and below 1, not %v", flags.staticLoss)
	}
	if len(s.catalog) > 1 {
		return wrongUse("fit writes its result beside one catalog; give one file or one folder")
	}
	prompts, err := readData(flags.data)
	if err != nil {
		return err
	}
	catalog, err := s.readCatalog(std)
	if err != nil {
		return err
	}
	catalog.Fitted = nil // an earlier fit must not choose what this one sees
	s.embedderOf(std, catalog)
	config, err := s.engineConfig(newLogger(std.err, zerolog.WarnLevel), progressOn(std.err, newLogger(std.err, zerolog.InfoLevel)))
	if err != nil {
		return err
	}
	config.StaticStage = true
	config.Settings.Stages = router.StagePolicy{NoRules: true, NoStatic: true}
	built, err := engine.Build(ctx, catalog, config)
	if err != nil {
		return catalogError(err)
	}
	defer func() { _ = built.Close() }()
	var predictions []classify.Prediction
	if len(prompts) > 0 {
		if predictions, err = predict(ctx, built, catalog, prompts); err != nil {
			return err
		}
	}
	found := built.Fit(predictions, flags.precision, flags.staticLoss)
	path := ""
	if !flags.dryRun && found.Overall.Kept { // a failed fit leaves what an earlier one found
		fitted := built.Fitted(found, flags.precision)
		fitted.Reference = reference(built, *catalog, fitted, predictions)
		if path, err = routes.WriteFitted(s.catalog[0], fitted); err != nil {
			return err
		}
	}
	return printFit(std.out, found, flags, path)
}

// reference is what decisions are like under the bounds that were found; drift is
// measured against it.
func reference(built *engine.Assembly, catalog routes.Catalog, fitted routes.Fitted, predictions []classify.Prediction) *routes.Reference {
	from, names := routes.FromPrompts, built.Ranker().Routes()
	if predictions == nil {
		from = routes.FromUtterances
		predictions, names = built.HeldOut()
	}
	catalog.Fitted = &fitted
	bounds := router.BoundsFor(&catalog, fitted.Embedder, built.Ranker().Defaults())
	return drift.FromPredictions(predictions, names, bounds, from)
}

// predict decides the prompts and keeps what fitting needs of the decisions.
func predict(ctx context.Context, built *engine.Assembly, catalog *routes.Catalog, prompts []routes.Labelled) ([]classify.Prediction, error) {
	if err := eval.CheckLabels(prompts, routeNames(catalog)); err != nil {
		return nil, wrongUse("%w", err)
	}
	r := router.New(router.Config{})
	r.Swap(built.Generation)
	predictions := make([]classify.Prediction, 0, len(prompts))
	for chunk := range slices.Chunk(prompts, 256) {
		batch := make([]router.Prompt, len(chunk))
		for i := range chunk {
			batch[i].Text = chunk[i].Text
		}
		decisions, err := r.DecideBatch(ctx, batch, router.Limits{Candidates: 1, Matches: router.None})
		if err != nil {
			return nil, err
		}
		for i := range decisions {
			p := classify.Prediction{
				Example: int32(len(predictions)), Label: built.RouteID(chunk[i].Route), Route: classify.None, RunnerUp: classify.None,
				Confidence: float32(decisions[i].Confidence), Margin: float32(decisions[i].Margin), Similarity: float32(decisions[i].Nearest),
			}
			if len(decisions[i].Candidates) > 0 {
				p.Route = built.RouteID(decisions[i].Candidates[0].Route)
			}
			predictions = append(predictions, p)
		}
	}
	return predictions, nil
}

// fitResult is what `fit --json` prints.
type fitResult struct {
	Precision     float64            `json:"precision_asked"`
	Kept          bool               `json:"kept"`
	MinConfidence *float64           `json:"min_confidence"`
	Coverage      float64            `json:"coverage"`
	Measured      float64            `json:"precision"`
	Bound         float64            `json:"precision_bound"`
	Attainable    *float64           `json:"precision_attainable"`
	Guarded       bool               `json:"guarded"`
	InScope       int                `json:"n_in_scope"`
	OutOfScope    int                `json:"n_out_of_scope"`
	Routes        map[string]float64 `json:"routes"`
	Unpromised    []string           `json:"unpromised"`
	Static        *staticResult      `json:"static"`
	Written       string             `json:"written"`

	proposed float64 // share that Attainable would accept
}

type staticResult struct {
	MinConfidence *float64 `json:"min_confidence"`
	Saved         float64  `json:"embed_calls_saved"`
	Loss          float64  `json:"accuracy_lost"`
}

func printFit(out io.Writer, f engine.Fit, flags fitFlags, path string) error {
	result := fitResult{
		Precision: flags.precision, Kept: f.Overall.Kept, Coverage: f.Overall.Coverage, Measured: f.Overall.Precision,
		Bound: f.Overall.Bound, Guarded: f.Guarded, InScope: f.InScope, OutOfScope: f.OutOfScope,
		Routes: map[string]float64{}, Unpromised: append([]string{}, f.Unpromised...), Written: path,
	}
	if f.Overall.Kept || f.Guarded {
		confidence := float64(f.Overall.Threshold)
		result.MinConfidence = &confidence
	}
	if f.Attainable > 0 {
		result.Attainable = &f.Attainable
		result.proposed = f.Proposed.Coverage
	}
	for name, promise := range f.Routes {
		result.Routes[name] = float64(promise.Threshold)
	}
	if f.Static != nil {
		result.Static = &staticResult{Saved: f.Static.Share, Loss: f.Static.Loss}
		if f.Static.Share > 0 {
			confidence := float64(f.Static.Threshold)
			result.Static.MinConfidence = &confidence
		}
	}
	if flags.asJSON {
		if err := json.NewEncoder(out).Encode(result); err != nil {
			return err
		}
	} else if _, err := io.WriteString(out, result.text()); err != nil {
		return err
	}
	if !f.Overall.Kept {
		return errSilent
	}
	return nil
}

// text says what was found for people.
func (r *fitResult) text() string {
	var b strings.Builder
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	say("fitted on %d prompts that belong to a route and %d that fit none", r.InScope, r.OutOfScope)
	if r.Kept {
		say("confidence >= %.4f accepts %.1f %%; %.2f %% of those are right, at least %.2f %% with 95 %% certainty",
			*r.MinConfidence, 100*r.Coverage, 100*r.Measured, 100*r.Bound)
	} else {
		say("a precision of %.4g %% cannot be promised: there are too few prompts, or too many are wrong at every confidence", 100*r.Precision)
		if r.Attainable != nil {
			say("--precision %.2f can be, and accepts %.1f %% of the prompts", *r.Attainable, 100*r.proposed)
		}
		say("nothing was written; what an earlier fit found stays as it is")
	}
	if r.Guarded {
		say("this bound is higher than the precision alone asks for: it refuses prompts unlike any utterance; give some that fit no route to fit it more closely")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Routes)) {
		say("%s needs a bound of its own: %.4f", name, r.Routes[name])
	}
	for _, name := range r.Unpromised {
		say("%s is wrong too often, and no bound mends that: `semroute lint` shows its utterances", name)
	}
	if s := r.Static; s != nil && s.MinConfidence != nil {
		say("static stage: confidence >= %.4f answers %.1f %% of the prompts without the embedder and changes the accuracy by %+.2f points",
			*s.MinConfidence, 100*s.Saved, -100*s.Loss)
	} else if s != nil {
		say("static stage: off, it is nowhere as good as the embedder")
	}
	if r.Written != "" {
		say("written to %s", r.Written)
	}
	return b.String()
}
