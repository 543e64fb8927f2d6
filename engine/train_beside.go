package engine

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"time"
)

// defaultTrainAfter lets changes that follow each other have the processors.
const defaultTrainAfter = time.Second

// stopTraining ends the training beside, under the lock.
func (e *Engine) stopTraining() {
	if e.untrain != nil {
		e.untrain()
		e.untrain = nil
	}
}

// train trains the classifiers of a generation in place that was only updated,
// beside the prompts and on half of the processors, and puts them in place, under
// the lock. Another generation ends it.
func (e *Engine) train(updated *Assembly) {
	if updated.untrained() == 0 {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	e.untrain = stop
	e.training.Go(func() {
		defer stop()
		select {
		case <-ctx.Done():
			return
		case <-time.After(cmp.Or(e.config.trainAfter, defaultTrainAfter)):
		}
		trained, err := updated.trained(ctx)
		if err == nil {
			e.building.Lock()
			defer e.building.Unlock()
			err = e.putTrained(ctx, updated, trained)
		}
		if err != nil && ctx.Err() == nil {
			e.config.Log.Warn().Err(err).Msg("the classifier that was brought up to date stays; training it fully failed")
			e.change(func(s *Status) {
				s.Err = err
				s.Failures++
			})
		}
	})
}

// putTrained puts the trained generation in the place of the updated one, under
// the lock.
func (e *Engine) putTrained(ctx context.Context, updated, trained *Assembly) error {
	if ctx.Err() != nil || e.current != updated {
		return context.Canceled
	}
	if e.config.Check != nil {
		if err := e.config.Check(ctx, trained); err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	if err := e.install(ctx, trained, nil); err != nil {
		return err
	}
	e.config.Log.Info().Str("fingerprint", trained.Generation.Fingerprint()).Msg("serving the trained classifier")
	return nil
}

// trained is the same with classifiers that were trained on all utterances.
func (a *Assembly) trained(ctx context.Context) (*Assembly, error) {
	next := *a
	semantic, err := a.semantic.trained(ctx)
	if err != nil {
		return nil, err
	}
	next.semantic, next.parts.Semantic = semantic, semantic.forRouter()
	if a.static != nil {
		front, err := a.static.trained(ctx)
		if err != nil {
			return nil, err
		}
		stage := front.forRouter()
		next.static, next.parts.Static = front, &stage
	}
	return &next, next.regenerate()
}

// trained is the space with a ranker that was trained; itself where it is one.
func (s *space) trained(ctx context.Context) (*space, error) {
	if s.untrained == 0 {
		return s, nil
	}
	t := newTrainer(s.config)
	t.progress, t.workers = nil, max(1, runtime.GOMAXPROCS(0)/2)
	entries, err := s.synced.Entries(ctx)
	if err != nil {
		return nil, err
	}
	examples, err := t.examples(ctx, s.catalog, s.embedder, entries, sortedNames(s.catalog))
	if err != nil {
		return nil, err
	}
	next := *s
	next.untrained = 0
	next.ranker, err = t.learn(ctx, examples, t.kept(s.catalog, s.embedder), len(s.synced.Failed) == 0)
	return &next, err
}
