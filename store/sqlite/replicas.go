package sqlite

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/semroute/semroute/store"
)

// replicas are the locks and heartbeats of the one process that owns the file.
// They end with it, as they would in a database.
type replicas struct {
	mu    sync.Mutex // protects the fields below
	locks map[string]chan struct{}
	beats map[string]store.Replica
}

func newReplicas() *replicas {
	return &replicas{locks: map[string]chan struct{}{}, beats: map[string]store.Replica{}}
}

// lock is the one place of a name's holder.
func (r *replicas) lock(name string) chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.locks[name] == nil {
		r.locks[name] = make(chan struct{}, 1)
	}
	return r.locks[name]
}

// Lock implements store.Locks.
func (s *Store) Lock(ctx context.Context, name string) (context.Context, func(), error) {
	place := s.replicas.lock(name)
	select {
	case place <- struct{}{}:
	case <-s.closed:
		return nil, nil, store.ErrClosed
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	held, cancel := context.WithCancel(ctx)
	return held, sync.OnceFunc(func() {
		cancel()
		<-place
	}), nil
}

// Beat implements store.Heartbeats.
func (s *Store) Beat(_ context.Context, r store.Replica) error {
	if err := r.Check(); err != nil {
		return err
	}
	r.Seen = s.config.Now().UTC()
	s.replicas.mu.Lock()
	defer s.replicas.mu.Unlock()
	s.replicas.beats[r.Name] = r
	return nil
}

// Replicas implements store.Heartbeats.
func (s *Store) Replicas(_ context.Context, within time.Duration) ([]store.Replica, error) {
	s.replicas.mu.Lock()
	defer s.replicas.mu.Unlock()
	var list []store.Replica
	for name, r := range s.replicas.beats {
		if s.config.Now().Sub(r.Seen) > within {
			delete(s.replicas.beats, name)
			continue
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b store.Replica) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// Leave implements store.Heartbeats.
func (s *Store) Leave(_ context.Context, name string) error {
	s.replicas.mu.Lock()
	defer s.replicas.mu.Unlock()
	delete(s.replicas.beats, name)
	return nil
}
