// Package observed lets others see every decision after it was made, whatever
// protocol asked for it, without being on its way.
package observed

import (
	"context"

	"github.com/semroute/semroute/router"
)

// Decider decides; *engine.Engine is one.
type Decider interface {
	Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error)
	DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error)
}

// Observer is told of a decision that was made. It must not block, change
// anything, or keep the prompt beyond what its texts are.
type Observer interface {
	Decided(p *router.Prompt, d *router.Decision)
}

// decisions is a decider with observers.
type decisions struct {
	Decider
	observers []Observer
}

// Decisions is the decider, seen by the observers.
func Decisions(d Decider, observers ...Observer) Decider {
	if len(observers) == 0 {
		return d
	}
	return &decisions{Decider: d, observers: observers}
}

// Decide implements Decider.
func (s *decisions) Decide(ctx context.Context, p router.Prompt, limits router.Limits) (router.Decision, error) {
	d, err := s.Decider.Decide(ctx, p, limits)
	if err == nil && !router.IsUnobserved(ctx) {
		s.tell(&p, &d)
	}
	return d, err
}

// DecideBatch implements Decider.
func (s *decisions) DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error) {
	list, err := s.Decider.DecideBatch(ctx, prompts, limits)
	for i := range list {
		s.tell(&prompts[i], &list[i])
	}
	return list, err
}

func (s *decisions) tell(p *router.Prompt, d *router.Decision) {
	for _, o := range s.observers {
		o.Decided(p, d)
	}
}
