// Package monitor watches over what is decided and answered while it is served. It
// takes decisions and records off the way of a prompt through one bounded queue,
// holds them against their references in one goroutine (packages drift and models),
// raises alarms, and keeps what it has learnt over restarts.
package monitor

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/learn/models"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
)

// Config of a Monitor; a zero value has its default.
type Config struct {
	Drift  drift.Config
	Models models.Config
	// Book takes the alarms; needed.
	Book *alarm.Book
	// Values keeps what was learnt, under Key; nil keeps it in memory only. Two
	// monitors that serve at once need keys of their own.
	Values store.Values
	Key    string
	// SaveEvery (30 s) is how often it is kept.
	SaveEvery time.Duration
	Log       zerolog.Logger
}

const (
	defaultSaveEvery = 30 * time.Second
	defaultKey       = "local"
	// queueLength is how many decisions and records wait; more are dropped and
	// counted.
	queueLength = 8192
)

// ErrTooFew: there were too few decisions to make a reference of.
var ErrTooFew = errors.New("too few decisions")

// Monitor watches. Make it by New; it is safe for concurrent use.
type Monitor struct {
	config  Config
	queue   chan event
	dropped atomic.Int64

	mu          sync.Mutex // protects the fields below
	fingerprint string
	watch       *drift.Watch // nil while traffic makes the reference
	learning    *drift.Tally
	leftOut     int64
	models      *models.Watch
}

// event is one thing to look at.
type event struct {
	observation drift.Observation
	record      *forward.Record // in place of the observation
}

// New makes a monitor that knows nothing yet; see Restore and Generation.
func New(config Config) *Monitor {
	config.SaveEvery = cmp.Or(config.SaveEvery, defaultSaveEvery)
	config.Key = cmp.Or(config.Key, defaultKey)
	return &Monitor{config: config, queue: make(chan event, queueLength), models: models.New(config.Models), learning: &drift.Tally{}}
}

// Decided looks at a decision later. It never blocks.
func (m *Monitor) Decided(_ *router.Prompt, d *router.Decision) {
	if o, ok := drift.Observe(d); ok {
		m.put(event{observation: o})
	}
}

// Append looks at the record of a call later; it makes the monitor a forward.Log.
// It never blocks.
func (m *Monitor) Append(r forward.Record) {
	if r.Forwarded {
		m.put(event{record: &r})
	}
}

func (m *Monitor) put(e event) {
	select {
	case m.queue <- e:
	default:
		m.dropped.Add(1)
	}
}

// Generation says which generation decides from now on. What is known of another
// one's decisions stays only where nothing about them has changed.
func (m *Monitor) Generation(g *router.Generation) {
	asked := map[string]string{}
	for _, model := range g.Catalog().Models {
		asked[model.Name] = string(model.Provider) + " " + model.Model + " " + model.BaseURL
	}
	stored := drift.Stored(g)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.models.Asked(asked)
	if g.Fingerprint() == m.fingerprint {
		return
	}
	m.fingerprint = g.Fingerprint()
	byTraffic := m.watch != nil && m.watch.Reference().From == routes.FromTraffic
	m.watch, m.learning = nil, nil
	if stored == nil || byTraffic && stored.From == routes.FromUtterances { // traffic knows better what traffic is like
		m.learning = &drift.Tally{}
	} else {
		m.watch = drift.Watching(stored, m.config.Drift)
	}
	m.endAlarms()
}

// endAlarms ends those about decisions, under the lock: they were held against
// another reference.
func (m *Monitor) endAlarms() {
	for _, a := range m.config.Book.Alarms(true) {
		if a.Source == alarm.Drift {
			m.config.Book.End(a)
		}
	}
}

// Accept makes the last decisions the reference: what they are like is as it
// should be. It fails with ErrTooFew.
func (m *Monitor) Accept() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.watch == nil {
		return ErrTooFew
	}
	accepted := m.watch.Window()
	if accepted == nil {
		return ErrTooFew
	}
	m.watch = drift.Watching(accepted, m.config.Drift)
	m.endAlarms()
	return nil
}

// Run looks at what comes until ctx ends, and keeps what was learnt.
func (m *Monitor) Run(ctx context.Context) {
	save := time.NewTicker(m.config.SaveEvery)
	defer save.Stop()
	for {
		select {
		case e := <-m.queue:
			m.look(e)
		case <-save.C:
			m.save(ctx)
		case <-ctx.Done():
			m.drain()
			final, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
			m.save(final)
			cancel()
			return
		}
	}
}

// drain looks at what is queued.
func (m *Monitor) drain() {
	for {
		select {
		case e := <-m.queue:
			m.look(e)
		default:
			return
		}
	}
}

func (m *Monitor) look(e event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.record != nil {
		for _, s := range m.models.Observe(e.record) {
			m.raiseModel(&s)
		}
		return
	}
	o := &e.observation
	switch {
	case o.Fingerprint != m.fingerprint:
		m.leftOut++ // its generation is gone
	case m.watch != nil:
		for _, s := range m.watch.Observe(o) {
			m.raiseDrift(&s)
		}
	default:
		if m.learning.Add(o); m.learning.N() >= m.config.Drift.Learning() {
			m.watch, m.learning = drift.Watching(m.learning.Reference(routes.FromTraffic), m.config.Drift), nil
		}
	}
}
