package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

const (
	// tryEvery is how often who waits for a lock asks for it: a wait in the server
	// would not notice that the server's machine is gone.
	tryEvery = 50 * time.Millisecond
	// askEvery is how often who holds a lock makes sure of it, askTimeout how
	// long the answer may take.
	askEvery   = time.Second
	askTimeout = 5 * time.Second
)

// Lock implements store.Locks by an advisory lock of a connection of its own,
// which ends with that: the server frees what a dead process held.
func (s *Store) Lock(ctx context.Context, name string) (context.Context, func(), error) {
	held, release, err := s.lock(ctx, name)
	if err != nil && s.open.Err() != nil {
		err = store.ErrClosed
	}
	return held, release, unusable(ctx, err)
}

func (r *Reader) lock(ctx context.Context, name string) (context.Context, func(), error) {
	waiting, cancel := r.whileOpen(ctx)
	defer cancel()
	conn, err := r.dial(waiting)
	if err != nil {
		return nil, nil, err
	}
	if err := await(waiting, conn, r.key(name)); err != nil {
		hangUp(conn)
		return nil, nil, err
	}
	held, lose := r.whileOpen(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer hangUp(conn)
		defer lose()
		for held.Err() == nil {
			pause(held, askEvery)
			asked, cancel := context.WithTimeout(held, askTimeout)
			err := conn.Ping(asked)
			cancel()
			if err != nil {
				return
			}
		}
	}()
	return held, sync.OnceFunc(func() {
		lose()
		<-done
	}), nil
}

// await asks for a lock until it has it.
func await(ctx context.Context, conn *pgx.Conn, key int64) error {
	for mine := false; ; {
		asked, cancel := context.WithTimeout(ctx, askTimeout)
		err := conn.QueryRow(asked, "SELECT pg_try_advisory_lock($1)", key).Scan(&mine)
		cancel()
		if mine || err != nil {
			return err
		}
		if pause(ctx, tryEvery); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// Beat implements store.Heartbeats.
func (s *Store) Beat(ctx context.Context, r store.Replica) error {
	if err := r.Check(); err != nil {
		return err
	}
	_, err := s.exec(ctx, `INSERT INTO replicas (name, fingerprint, revision, collection, seen)
		VALUES ($1, $2, $3, $4, coalesce($5, `+databaseNow+`))
		ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint, revision = excluded.revision,
			collection = excluded.collection, seen = excluded.seen`, r.Name, r.Fingerprint, r.Revision, r.Collection, s.now.arg())
	return err
}

// Replicas implements store.Heartbeats.
func (s *Store) Replicas(ctx context.Context, within time.Duration) ([]store.Replica, error) {
	return all(ctx, s.Reader, func(row pgx.CollectableRow) (store.Replica, error) {
		var r store.Replica
		var seen int64
		err := row.Scan(&r.Name, &r.Fingerprint, &r.Revision, &r.Collection, &seen)
		r.Seen = timeOf(seen)
		return r, err
	}, "SELECT name, fingerprint, revision, collection, seen FROM replicas WHERE seen >= coalesce($1, "+databaseNow+") - $2 ORDER BY name",
		s.now.arg(), within.Nanoseconds())
}

// Leave implements store.Heartbeats.
func (s *Store) Leave(ctx context.Context, name string) error {
	_, err := s.exec(ctx, "DELETE FROM replicas WHERE name = $1", plain(name))
	return err
}
