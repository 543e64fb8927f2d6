package engine

import (
	"context"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
)

// saveCacheEvery bounds what a crash loses of the embedding cache.
const saveCacheEvery = 5 * time.Minute

// Pauses between attempts to build a generation.
const (
	firstPause  = 500 * time.Millisecond
	longPause   = 30 * time.Second
	pauseJitter = 0.25
)

// Run builds a generation, unless one is in place, and another one whenever the
// embedder's model has become another or the index has lost entries, until ctx
// ends. A service that does not
// answer is asked again after growing pauses; meanwhile the state says that
// nothing decides, or static vectors stand in where the settings want that.
// What no waiting can mend, such as a model that is not there, is an error as
// long as no generation was complete; later it is only logged and tried again.
func (e *Engine) Run(ctx context.Context) error {
	if !e.isComplete() {
		if err := e.standIn(ctx); err != nil {
			return err
		}
		if err := e.buildUntilDone(ctx, MayPass); err != nil {
			return unlessOver(ctx, err)
		}
	}
	for {
		cause := e.await(ctx)
		if cause == "" {
			return nil
		}
		e.config.Log.Warn().Msg(cause)
		if !e.config.Settings.DegradeToStatic { // else the static stage answers, and says so
			e.change(func(s *Status) { s.State = Stale })
		}
		if err := e.buildUntilDone(ctx, func(error) bool { return true }); err != nil {
			return unlessOver(ctx, err)
		}
	}
}

// unlessOver leaves out errors that only say that ctx has ended.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// isComplete says that a generation with its semantic stage is in place.
func (e *Engine) isComplete() bool {
	e.building.Lock()
	defer e.building.Unlock()
	return e.current != nil && e.current.Generation.StandIn() == ""
}

// buildUntilDone builds until it goes well, as long as the failures are such
// that trying again may help.
func (e *Engine) buildUntilDone(ctx context.Context, again func(error) bool) error {
	policy := retrypolicy.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return err != nil && ctx.Err() == nil && again(err) }).
		WithMaxRetries(-1).
		WithBackoff(firstPause, longPause).
		WithJitterFactor(pauseJitter).
		ReturnLastFailure().
		OnRetryScheduled(func(event failsafe.ExecutionScheduledEvent[any]) {
			e.config.Log.Error().Err(event.LastError()).Int("attempt", event.Attempts()).
				Int64("again_in_ms", event.Delay.Milliseconds()).Msg("building a generation failed; trying again")
		}).
		Build()
	return failsafe.With(policy).WithContext(ctx).Run(func() error { return e.Build(ctx) })
}

// MayPass says that a failure to build may be over in a while, as when a service
// that it needs is down.
func MayPass(err error) bool {
	return embed.RetryMayHelp(err) || errors.Is(err, embed.ErrModelChanged) ||
		errors.Is(err, index.ErrUnreachable) || errors.Is(err, index.ErrUnavailable)
}

// await returns why another generation has to be built; "" when ctx ends.
func (e *Engine) await(ctx context.Context) string {
	opened := e.embedding()
	save := time.NewTicker(saveCacheEvery)
	defer save.Stop()
	for {
		select {
		case <-ctx.Done():
			return ""
		case <-e.embedder:
			opened = e.embedding()
		case <-opened.Changed():
			return "the embedding model has changed; utterances are embedded again"
		case <-e.lost:
			return "the index server has lost entries; they are filled in again"
		case <-save.C:
			opened.save()
		}
	}
}

// embedding is what is embedded with now.
func (e *Engine) embedding() *openEmbedder {
	e.building.Lock()
	defer e.building.Unlock()
	return e.opened
}
