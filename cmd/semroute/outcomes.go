package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/routes"
)

// learn puts a predictor into the configuration where a route chooses by
// quality and there are outcomes to learn from.
func learn(ctx context.Context, catalog *routes.Catalog, files []string, config *engine.ForwardingConfig, log zerolog.Logger) error {
	byQuality := qualityRoutes(catalog)
	if len(byQuality) == 0 {
		return nil
	}
	if len(files) == 0 {
		log.Warn().Strs("routes", byQuality).Msg("these routes choose by quality, but there is nothing to learn from (--outcomes): their models are taken in order")
		return nil
	}
	outcomes, err := readOutcomes(files)
	if err != nil {
		return wrongUse("%w", err)
	}
	start := time.Now()
	predictor, err := engine.Learn(ctx, outcomes)
	if errors.Is(err, quality.ErrOutcomes) {
		return wrongUse("--outcomes: %w", err)
	}
	if err != nil {
		return err
	}
	warnUnlearnt(catalog, predictor.Names(), log)
	log.Info().Int("outcomes", len(outcomes)).Strs("models", predictor.Names()).Dur("took_ms", time.Since(start)).Msg("learnt the models' quality")
	config.Predictor = predictor
	return nil
}

// warnUnlearnt tells of models that the outcomes say nothing, or too little, of.
func warnUnlearnt(catalog *routes.Catalog, learnt []string, log zerolog.Logger) {
	for i := range catalog.Routes {
		r := &catalog.Routes[i]
		if r.Forwarding.Strategy != routes.Quality {
			continue
		}
		for _, m := range r.Models {
			if !slices.Contains(learnt, m) {
				log.Warn().Str("route", r.Name).Str("model", m).Msg("the outcomes say too little of this model: it is asked last")
			}
		}
	}
}

func qualityRoutes(catalog *routes.Catalog) []string {
	var names []string
	for i := range catalog.Routes {
		if catalog.Routes[i].Forwarding.Strategy == routes.Quality {
			names = append(names, catalog.Routes[i].Name)
		}
	}
	return names
}

// readOutcomes reads and joins the files of outcomes.
func readOutcomes(files []string) ([]routes.Outcome, error) {
	var all []routes.Outcome
	for _, path := range files {
		outcomes, err := readOutcomeFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, outcomes...)
	}
	return all, nil
}

func readOutcomeFile(path string) ([]routes.Outcome, error) {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return nil, fmt.Errorf("--outcomes: %w", err)
	}
	defer func() { _ = file.Close() }()
	return routes.ReadOutcomes(file, path)
}
