package advice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/learn/feedback"
	"github.com/semroute/semroute/learn/promise"
	"github.com/semroute/semroute/store"
)

// Promises are how the decisions for all routes do.
type Promises struct {
	Rate  float64
	Since time.Time
	// Standings are by route; that of "" is all routes together.
	Standings []promise.Standing
	// Refits are thresholds that would keep broken promises on what was judged, by
	// route.
	Refits map[string]Refit
}

// Refit is a threshold that would keep a promise.
type Refit struct {
	MinConfidence float64
	// Coverage is the share of the judged decisions that it would still make.
	Coverage float64
}

// promiseScope is where it is remembered since when a promise is given.
const promiseScope = "learn.promise"

// Promises holds the decisions since then against what was promised; since the
// zero time is when the present fit was first served.
func (a *Advisor) Promises(ctx context.Context, since time.Time) (Promises, error) {
	promised, err := a.router.Promised(ctx)
	if err != nil {
		return Promises{}, err
	}
	if since.IsZero() {
		if since, err = a.promisedSince(ctx, promised.Fit); err != nil {
			return Promises{}, err
		}
	}
	summaries, err := a.summaries(ctx, since)
	if err != nil {
		return Promises{}, err
	}
	var outcomes []promise.Outcome
	judged := map[string][]classify.Prediction{}
	for i := range summaries {
		s := &summaries[i]
		if s.Verdict == "" || !s.Of.Promised || s.Of.Time.Before(since) {
			continue
		}
		for _, route := range []string{"", s.Of.Route} {
			outcomes = append(outcomes, promise.Outcome{Route: route, Right: s.Verdict == feedback.Right, Sampled: s.Sampled, Time: s.First})
			judged[route] = append(judged[route], prediction(s))
		}
	}
	rates := map[string]float64{}
	if promised.Fit != "" {
		rates[""] = promised.Precision
		for _, route := range promised.Routes {
			rates[route] = promised.Precision
		}
	}
	p := Promises{Rate: a.config.FalseAlarmRate, Since: since, Standings: promise.Watch(rates, outcomes, a.config.FalseAlarmRate), Refits: map[string]Refit{}}
	for _, s := range p.Standings {
		if !s.Broken {
			continue
		}
		if fit := classify.PromisePrecision(judged[s.Route], s.Promised); fit.Kept {
			p.Refits[s.Route] = Refit{MinConfidence: float64(fit.Threshold), Coverage: fit.Coverage}
		}
	}
	return p, nil
}

// prediction is a judged decision as a threshold is fitted to it: only whether
// it was right counts.
func prediction(s *feedback.Summary) classify.Prediction {
	p := classify.Prediction{Label: 1, RunnerUp: classify.None, Confidence: float32(s.Of.Confidence)}
	if s.Verdict == feedback.Right {
		p.Route = p.Label
	}
	return p
}

// promisedSince is when a fit was first served by any replica: now, where this
// is the first time.
func (a *Advisor) promisedSince(ctx context.Context, fit string) (time.Time, error) {
	if fit == "" {
		return time.Time{}, nil
	}
	now := a.config.Now().UTC().Truncate(time.Microsecond)
	data, err := json.Marshal(now)
	if err != nil {
		return time.Time{}, err
	}
	_, err = a.store.SwapValue(ctx, promiseScope, fit, 0, data, time.Time{})
	switch {
	case err == nil:
		return now, nil
	case !errors.Is(err, store.ErrStale):
		return time.Time{}, fmt.Errorf("remembering since when a promise is given: %w", err)
	}
	value, err := a.store.Value(ctx, promiseScope, fit)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading since when a promise is given: %w", err)
	}
	var since time.Time
	if err := json.Unmarshal(value.Data, &since); err != nil {
		return time.Time{}, fmt.Errorf("reading since when a promise is given: %w", err)
	}
	return since, nil
}

// Watch looks at the promises now and then, until ctx ends, and tells of each that is
// broken when that is first seen, and when it is so no more because there is another
// promise, with the rate of false alarms. What cannot be looked at is told to failed.
func (a *Advisor) Watch(ctx context.Context, every time.Duration, told func(s promise.Standing, rate float64), failed func(error)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	seen := map[string]time.Time{}
	for {
		p, err := a.Promises(ctx, time.Time{})
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failed(err)
		}
		for _, s := range p.Standings {
			before, known := seen[s.Route]
			switch {
			case s.Broken && !before.Equal(s.BrokenAt):
				seen[s.Route] = s.BrokenAt
				told(s, p.Rate)
			case !s.Broken && known:
				delete(seen, s.Route)
				told(s, p.Rate)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
