package engine

import "context"

// sharedIndex is an index on a server that several processes use; *qdrant.Index
// is one.
type sharedIndex interface {
	Collection() string
	Prune(ctx context.Context, searched ...string) ([]string, error)
}

// shared is the index of an assembly as such; false for one of this process.
func (a *Assembly) shared() (sharedIndex, bool) {
	if a == nil {
		return nil, false
	}
	s, ok := a.Index.(sharedIndex)
	return s, ok
}

// alone makes an attempt in its turn where the index is shared, under the lock.
func (e *Engine) alone(ctx context.Context, attempt func(context.Context) error) error {
	if e.config.Alone == nil || e.config.Index.Kind == Memory {
		return attempt(ctx)
	}
	e.working("waiting for other replicas", 0, 0)
	held, done, err := e.config.Alone(ctx)
	if err != nil {
		return err
	}
	defer done()
	return attempt(held)
}

// Collection is what the generation in place searches on a server that others
// may share; "" for an index of this process, and before the first.
func (e *Engine) Collection() string {
	if name := e.searched.Load(); name != nil {
		return *name
	}
	return ""
}

// noteCollection is for a generation that is put in place.
func (e *Engine) noteCollection(built *Assembly) {
	name := ""
	if s, ok := built.shared(); ok {
		name = s.Collection()
	}
	e.searched.Store(&name)
}

// Sweep deletes what former embedders have left on a server that others share,
// but not the collections that are still searched, and says what is gone. It
// takes its turn with the builds.
func (e *Engine) Sweep(ctx context.Context, searched func(context.Context) ([]string, error)) (gone []string, err error) {
	e.building.Lock()
	defer e.building.Unlock()
	s, ok := e.current.shared()
	if !ok {
		return nil, nil
	}
	err = e.alone(ctx, func(ctx context.Context) error {
		keep, err := searched(ctx)
		if err == nil {
			gone, err = s.Prune(ctx, keep...)
		}
		return err
	})
	e.change(func(s *Status) { s.Building = Work{} })
	return gone, err
}
