// Package canary asks models the same prompts again from time to time and notices
// when they answer otherwise than before, as after a silent update. The first
// rounds are the reference: how far a model's own answers lie apart is no change.
// The test is that of package edetect.
package canary

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/store"
)

// Ask makes one call to one model for a prompt and gives the text of its answer.
type Ask func(ctx context.Context, model, prompt string) (string, error)

// Model is what is asked of a model.
type Model struct {
	// Asked identifies what is behind its name; once that has changed its answers
	// are a reference no more.
	Asked   string
	Prompts []string
}

// Config of a Schedule; a zero value has its default.
type Config struct {
	Ask Ask // needed
	// Every (1 h) is the time between two rounds.
	Every time.Duration
	// Book takes the alarms; needed.
	Book *alarm.Book
	// Values keeps answers; with it, replicas that share a store ask in turn. nil
	// keeps them in memory only.
	Values store.Values
	Log    zerolog.Logger
}

const (
	defaultEvery = time.Hour
	// firstRound is how long after the start models are first asked.
	firstRound = time.Minute
	askTimeout = 2 * time.Minute
	// scope is where a store keeps the answers, roundKey when they were asked for.
	scope    = "canaries"
	roundKey = "\x01round"
	keptFor  = 90 * 24 * time.Hour
)

// Schedule asks. Make it by New; it is safe for concurrent use.
type Schedule struct {
	config Config

	mu     sync.Mutex // protects the fields below
	models map[string]Model
	kept   map[string]*answers // without a store
}

// New makes a schedule without models.
func New(config Config) *Schedule {
	config.Every = cmp.Or(config.Every, defaultEvery)
	return &Schedule{config: config, kept: map[string]*answers{}}
}

// Set says what is asked from now on.
func (s *Schedule) Set(models map[string]Model) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.models = models
}

// Run asks until ctx ends.
func (s *Schedule) Run(ctx context.Context) {
	timer := time.NewTimer(min(firstRound, s.config.Every))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if s.mine(ctx) {
			s.Round(ctx)
		}
		timer.Reset(s.config.Every)
	}
}

// mine says whether this replica is to ask now: another one may just have.
func (s *Schedule) mine(ctx context.Context) bool {
	if s.config.Values == nil || len(s.asked()) == 0 {
		return true
	}
	// While the mark of a round lasts, or the store is down, nobody takes it.
	_, err := s.config.Values.SwapValue(ctx, scope, roundKey, 0, []byte("{}"), time.Now().Add(s.config.Every*9/10))
	return err == nil
}

// asked are the models that are asked anything.
func (s *Schedule) asked() map[string]Model {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]Model{}
	for name, m := range s.models {
		if len(m.Prompts) > 0 {
			out[name] = m
		}
	}
	return out
}

// Round asks all models once. A call that fails says nothing about the answers; the
// failure is in the log and in the model's own record.
func (s *Schedule) Round(ctx context.Context) {
	models := s.asked()
	for _, name := range slices.Sorted(maps.Keys(models)) {
		if ctx.Err() != nil {
			return
		}
		m := models[name]
		if err := s.round(ctx, name, &m); err != nil && ctx.Err() == nil {
			s.config.Log.Warn().Err(err).Str("model", name).Msg("canary prompts")
		}
	}
}

func (s *Schedule) round(ctx context.Context, name string, m *Model) error {
	known, err := s.load(ctx, name)
	if err != nil {
		return err
	}
	if known.Asked != m.Asked {
		known = &answers{Asked: m.Asked}
	}
	var failures []error
	given := map[string]string{}
	for _, prompt := range m.Prompts {
		bounded, cancel := context.WithTimeout(ctx, askTimeout)
		answer, err := s.config.Ask(bounded, name, prompt)
		cancel()
		if err != nil {
			failures = append(failures, err)
			continue
		}
		given[prompt] = answer
	}
	if len(given) > 0 {
		for _, c := range known.take(m.Prompts, given) {
			s.tell(name, c)
		}
		if err := s.save(ctx, name, known); err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

func (s *Schedule) tell(name string, c change) {
	a := alarm.Alarm{
		Source: alarm.Canary, Subject: name, What: "answers", Reference: c.reference, Now: c.now,
		Message: fmt.Sprintf("model %s answers its canary prompts otherwise than before: %.0f %% of the words are others, where %.0f %% were usual", name, 100*c.now, 100*c.reference),
	}
	if c.over {
		s.config.Book.End(a)
	} else {
		s.config.Book.Raise(a)
	}
}

func (s *Schedule) load(ctx context.Context, name string) (*answers, error) {
	if s.config.Values == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if known := s.kept[name]; known != nil {
			return known, nil
		}
		return &answers{}, nil
	}
	value, err := s.config.Values.Value(ctx, scope, name)
	if errors.Is(err, store.ErrNotFound) {
		return &answers{}, nil
	}
	if err != nil {
		return nil, err
	}
	known := &answers{}
	if err := json.Unmarshal(value.Data, known); err != nil {
		return &answers{}, nil // what cannot be read is asked for anew
	}
	return known, nil
}

func (s *Schedule) save(ctx context.Context, name string, known *answers) error {
	if s.config.Values == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.kept[name] = known
		return nil
	}
	data, err := json.Marshal(known)
	if err != nil {
		return err
	}
	_, err = s.config.Values.PutValue(ctx, scope, name, data, time.Now().Add(keptFor))
	return err
}
