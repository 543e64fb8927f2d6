package store

import (
	"context"
	"time"
)

// Locks are held by one replica at a time.
type Locks interface {
	// Lock waits until nobody else holds the name, and takes it. The context it
	// gives ends when the lock is let go of or lost, as with the connection to a
	// database; who holds the lock does nothing more then. release may be called
	// more than once. A process that dies lets go of all it holds.
	Lock(ctx context.Context, name string) (held context.Context, release func(), err error)
}

// Heartbeats say which replicas are alive and what they decide on.
type Heartbeats interface {
	// Beat says that a replica is alive now.
	Beat(ctx context.Context, r Replica) error
	// Replicas are those that have been heard of within a time, by name.
	Replicas(ctx context.Context, within time.Duration) ([]Replica, error)
	// Leave forgets a replica that ends; it need not be there.
	Leave(ctx context.Context, name string) error
}

// Replica is one process that serves.
type Replica struct {
	// Name is its own, 1 to 256 bytes.
	Name string
	// Fingerprint is of the generation in place, Revision the number of its
	// catalog, 0 where it came from files.
	Fingerprint string
	Revision    int64
	// Collection is what it searches in a shared index, "" for none.
	Collection string
	// Seen is given by the store: when it was last heard of.
	Seen time.Time
}

// Check is nil for what can be kept, otherwise an ErrInvalid.
func (r *Replica) Check() error {
	for what, text := range map[string]string{"fingerprint": r.Fingerprint, "collection": r.Collection} {
		if text == "" {
			continue
		}
		if err := checkName(what, text); err != nil {
			return err
		}
	}
	return checkName("replica's name", r.Name)
}
