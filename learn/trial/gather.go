package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/learn/feedback"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
)

// Store is where outcomes come from; store.Store is one.
type Store = feedback.Store

const (
	// MaxOutcomes is how many of the newest outcomes Gather gives.
	MaxOutcomes = 20_000
	// goodScore is the least score of an answer that counts as a success.
	goodScore = 0.5
)

// success is what feedback says of the answer; false where it says nothing of it.
func success(f *feedback.Feedback) (success, says bool) {
	switch {
	case f.Thumbs != "":
		return f.Thumbs == feedback.Up, true
	case f.Score != nil:
		return *f.Score >= goodScore, true
	}
	return false, false
}

// Gather reads what feedback says of the answers on the routes of arms, in the
// order in which it came, the newest MaxOutcomes; truncated says that there is
// more. A decision counts once, by what was first said of it.
func Gather(ctx context.Context, s Store, arms map[string]Arms) (outcomes []Outcome, truncated bool, err error) {
	log, seen := feedback.NewLog(s, nil), map[string]bool{}
	for after := int64(0); ; {
		page, last, err := log.List(ctx, time.Time{}, "", after, store.MaxListed)
		if err != nil {
			return nil, false, err
		}
		after = last
		for i := range page {
			f := &page[i]
			good, says := success(f)
			if !says || arms[f.Of.Route] == nil || seen[f.Decision] {
				continue
			}
			seen[f.Decision] = true
			o := Outcome{Route: f.Of.Route, Model: f.Of.Model, Success: good}
			if err := assigned(ctx, s, f.Decision, &o); err != nil {
				return nil, false, err
			}
			outcomes = append(outcomes, o)
		}
		if len(outcomes) > MaxOutcomes {
			outcomes, truncated = outcomes[len(outcomes)-MaxOutcomes:], true
		}
		if len(page) < store.MaxListed {
			return outcomes, truncated, nil
		}
	}
}

// assigned completes an outcome by the record of its decision: its user, and the
// model that was asked first, whoever answered. A record that is gone says nothing.
func assigned(ctx context.Context, s store.Records, decision string, o *Outcome) error {
	record, err := s.Record(ctx, decision)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for the decision: %w", err)
	}
	o.User = record.User
	var body struct {
		Attempts []struct {
			Model string `json:"model"`
			Judge bool   `json:"judge"`
		} `json:"attempts"`
	}
	if json.Unmarshal(record.Body, &body) == nil {
		for _, a := range body.Attempts {
			if !a.Judge {
				o.Model = a.Model
				return nil
			}
		}
	}
	return nil
}

// Of are the trials of a catalog: its routes with the strategy weighted. A route
// other than "" is the only one.
func Of(catalog *routes.Catalog, route string) map[string]Arms {
	out := map[string]Arms{}
	for i := range catalog.Routes {
		r := &catalog.Routes[i]
		if r.Forwarding.Strategy == routes.Weighted && (route == "" || route == r.Name) {
			out[r.Name] = Arms(r.Forwarding.Weights)
		}
	}
	return out
}
