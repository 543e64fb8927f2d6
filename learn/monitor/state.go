package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/learn/models"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
)

const (
	// scope is where a store keeps it.
	scope       = "monitor"
	saveTimeout = 5 * time.Second
	// keptFor is how long what was learnt outlives the last process.
	keptFor = 90 * 24 * time.Hour
)

// state is what is kept.
type state struct {
	Fingerprint string          `json:"fingerprint"`
	Decisions   *drift.State    `json:"decisions,omitempty"`
	Models      json.RawMessage `json:"models"`
	Alarms      []alarm.Alarm   `json:"alarms"`
}

// save keeps what was learnt. Failing to is logged: it goes on in memory.
func (m *Monitor) save(ctx context.Context) {
	if m.config.Values == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	data, err := m.state()
	if err == nil {
		_, err = m.config.Values.PutValue(ctx, scope, m.config.Key, data, time.Now().Add(keptFor))
	}
	if err != nil {
		m.config.Log.Warn().Err(err).Msg("what is known of drift is not kept; it goes on in memory")
	}
}

func (m *Monitor) state() ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := state{Fingerprint: m.fingerprint, Alarms: m.config.Book.Alarms(false)}
	if m.watch != nil {
		now := m.watch.State()
		s.Decisions = &now
	}
	var err error
	if s.Models, err = json.Marshal(m.models); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

// Restore takes what an earlier process has kept. What cannot be read is logged,
// and the monitor begins anew. Call it before anything else.
func (m *Monitor) Restore(ctx context.Context) {
	if m.config.Values == nil {
		return
	}
	value, err := m.config.Values.Value(ctx, scope, m.config.Key)
	if errors.Is(err, store.ErrNotFound) {
		return
	}
	if err == nil {
		err = m.resume(value.Data)
	}
	if err != nil {
		m.config.Log.Warn().Err(err).Msg("what was known of drift cannot be read; it is learnt anew")
	}
}

func (m *Monitor) resume(data []byte) error {
	var s state
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("reading it: %w", err)
	}
	known := models.New(m.config.Models)
	if err := known.Resume(s.Models); err != nil {
		return fmt.Errorf("reading what is known of models: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.models = known
	m.config.Book.Restore(s.Alarms)
	if s.Decisions != nil && s.Decisions.Reference.Prompts > 0 {
		m.fingerprint, m.watch, m.learning = s.Fingerprint, drift.Resumed(*s.Decisions, m.config.Drift), nil
	}
	return nil
}

// Report is how decisions and models are doing.
type Report struct {
	Fingerprint string
	// Reference is nil while the first decisions make it.
	Reference *routes.Reference
	// Learning counts those.
	Learning int
	// Prompts is how many decisions were held against the reference, LeftOut how
	// many were of another generation, Dropped how many decisions and calls found
	// the queue full.
	Prompts, LeftOut, Dropped int64
	RunLength                 float64
	Numbers                   []drift.Number
	Models                    []models.Report
}

// Report is the present one.
func (m *Monitor) Report() Report {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := Report{
		Fingerprint: m.fingerprint, LeftOut: m.leftOut, Dropped: m.dropped.Load(),
		RunLength: m.config.Drift.Between(), Models: m.models.Reports(),
	}
	if m.watch == nil {
		r.Learning = m.learning.N()
		return r
	}
	reference := *m.watch.Reference()
	r.Reference, r.Prompts, r.Numbers = &reference, int64(m.watch.Prompts()), m.watch.Numbers()
	return r
}
