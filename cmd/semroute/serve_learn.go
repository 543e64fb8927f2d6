package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/learn/advice"
	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/promise"
	"github.com/semroute/semroute/learn/suggest"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
	"github.com/semroute/semroute/server/feedbackapi"
)

// learned is a running server as learn/advice sees it.
type learned struct {
	engine *engine.Engine
	source *revision.Source
}

// newAdvisor gives advice to a server that keeps records; nil where it keeps none.
func newAdvisor(local *engine.Engine, source *revision.Source, calls *calls, observed *observing) *advice.Advisor {
	if calls.ledger == nil {
		return nil
	}
	l := learned{engine: local, source: source}
	return advice.New(calls.ledger, l, l, advice.Config{OnFeedback: observed.said()})
}

// Serving implements advice.Router.
func (l learned) Serving() (names []string, fingerprint string) {
	return routeNames(l.engine.Catalog()), l.engine.Status().Fingerprint
}

// Promised implements advice.Router.
func (l learned) Promised(ctx context.Context) (advice.Promised, error) {
	now, err := l.engine.Inventory(ctx, false)
	if err != nil {
		return advice.Promised{}, err
	}
	p := advice.Promised{Routes: routeNames(now.Catalog), Fingerprint: now.Fingerprint}
	if f := now.Fitted; f != nil && f.Precision > 0 && f.MinConfidence != nil {
		bounds := *f
		bounds.Reference = nil // what decisions were like promises nothing
		content, err := json.Marshal(bounds)
		if err != nil {
			return advice.Promised{}, err
		}
		sum := sha256.Sum256(content)
		p.Fit, p.Precision = hex.EncodeToString(sum[:16]), f.Precision
	}
	return p, nil
}

// Study implements advice.Router.
func (l learned) Study(ctx context.Context) (advice.Study, error) {
	now, err := l.engine.Inventory(ctx, true)
	if err != nil {
		return advice.Study{}, err
	}
	return advice.Study{
		Catalog:     suggest.Catalog{Routes: now.Routes, Entries: now.Entries, None: now.Catalog.None, HeldOut: now.HeldOut},
		Fingerprint: now.Fingerprint, Decide: l.engine.DecideBatch,
		Embed: func(ctx context.Context, texts []string) ([][]float32, error) {
			batch, err := now.Embedder.EmbedQueries(ctx, texts)
			if _, some := errors.AsType[*embed.TextsError](err); some {
				err = nil // those that could not be embedded have no vector
			}
			return batch.Vectors, err
		},
	}, nil
}

// Change implements advice.Editor, by the one way in which catalogs are changed.
func (l learned) Change(ctx context.Context, c advice.Change) (advice.Changed, error) {
	var changes []edit.Change
	if len(c.Remove) > 0 { // first: no utterance may stand in two routes
		changes = append(changes, edit.Change{Remove: &edit.Utterances{Route: c.From, Texts: c.Remove}})
	}
	if c.Open != "" {
		changes = append(changes, edit.Change{Put: &edit.Put{Route: routes.Route{Name: c.Open, Utterances: c.Add, Models: c.Models}}})
	} else {
		changes = append(changes, edit.Change{Add: &edit.Utterances{Route: c.Route, Texts: c.Add}})
	}
	applied, err := l.source.Apply(ctx, revision.Change{Changes: changes, Author: c.Author, Cause: c.Cause})
	return advice.Changed{Revision: applied.Number, Fingerprint: applied.Fingerprint}, err
}

// promisesEvery is how often promises are held against what was said.
const promisesEvery = time.Minute

// watchPromises raises an alarm for each promise that is broken, until ctx ends; nil
// advice has none.
func watchPromises(ctx context.Context, advisor *advice.Advisor, book *alarm.Book, log zerolog.Logger) {
	if advisor == nil {
		return
	}
	advisor.Watch(ctx, promisesEvery, func(s promise.Standing, rate float64) {
		a := alarm.Alarm{Source: alarm.Promise, Subject: s.Route, What: "precision", Reference: s.Promised}
		if !s.Broken {
			book.End(a)
			return
		}
		a.Message = "a promise is broken: " + feedbackapi.Explain(&s, rate)
		a.Now = float64(s.Right) / float64(max(1, s.Right+s.Wrong))
		book.Raise(a)
	}, func(err error) {
		log.Debug().Err(err).Msg("promises are not looked at")
	})
}
