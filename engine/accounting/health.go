package accounting

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/store"
)

const (
	// lookEvery is how often a store is asked how it does, lossEvery how often
	// losses are told of.
	lookEvery = 200 * time.Millisecond
	lossEvery = 10 * time.Second
)

// Decider decides; *engine.Engine is one.
type Decider interface {
	Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error)
	DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error)
}

// Health knows how a store does: decisions go on without it, and say so.
type Health struct {
	ledger store.Ledger
	log    zerolog.Logger
	why    atomic.Pointer[string] // nil while all is well
}

// NewHealth is that of a store. Run watches it.
func NewHealth(ledger store.Ledger, log zerolog.Logger) *Health {
	return &Health{ledger: ledger, log: log}
}

// Run looks after the store until ctx ends, and logs when it begins or ceases to
// fail and what is lost.
func (h *Health) Run(ctx context.Context) {
	look, loss := time.NewTicker(lookEvery), time.NewTicker(lossEvery)
	defer look.Stop()
	defer loss.Stop()
	for seen := int64(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			h.look(h.ledger.Stats())
		case <-loss.C:
			if stats := h.ledger.Stats(); stats.Lost > seen {
				h.log.Error().Int64("lost", stats.Lost-seen).Int64("lost_in_all", stats.Lost).Str("cause", stats.LastError).Msg("records could not be kept")
				seen = stats.Lost
			}
		}
	}
}

// look takes note of how the store does.
func (h *Health) look(stats store.Stats) {
	before := h.why.Load()
	switch {
	case stats.Failing == "" && before != nil:
		h.why.Store(nil)
		h.log.Info().Int64("lost_in_all", stats.Lost).Msg("the store works again")
	case stats.Failing != "" && before == nil:
		why := "the store fails: records wait, and budgets may refuse calls"
		h.why.Store(&why)
		h.log.Error().Str("cause", stats.Failing).Int("waiting", stats.Waiting).Msg("the store fails; decisions go on, records wait")
	}
}

// Degraded is what decisions have to do without, "" for nothing.
func (h *Health) Degraded() string {
	if why := h.why.Load(); why != nil {
		return *why
	}
	return ""
}

// Telling is the decider whose decisions say so while the store fails.
func (h *Health) Telling(d Decider) Decider { return telling{d, h} }

type telling struct {
	Decider
	health *Health
}

func (t telling) Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error) {
	d, err := t.Decider.Decide(ctx, p, limits)
	t.tell(&d)
	return d, err
}

func (t telling) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	list, err := t.Decider.DecideBatch(ctx, prompts, limits)
	for i := range list {
		t.tell(&list[i])
	}
	return list, err
}

func (t telling) tell(d *router.Decision) {
	if why := t.health.Degraded(); why != "" {
		d.Degraded = append(d.Degraded, router.Degradation{Cause: router.CauseStore, Text: why})
	}
}
