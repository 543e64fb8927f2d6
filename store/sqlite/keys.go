package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/semroute/semroute/store"
)

const keyColumns = "SELECT prefix, hash, claims, created, revoked FROM api_keys "

// AddKey implements store.Keys.
func (s *Store) AddKey(ctx context.Context, k store.Key) error {
	if err := k.Check(); err != nil {
		return err
	}
	return s.durably(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "INSERT INTO api_keys (prefix, hash, claims, created, revoked) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			k.Prefix, k.Hash, []byte(k.Claims), nanos(k.Created), nanos(k.Revoked)))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: a key %q", store.ErrExists, k.Prefix)
		}
		return err
	})
}

// Key implements store.Keys.
func (s *Store) Key(ctx context.Context, prefix string) (store.Key, error) {
	return one(ctx, s.db, scanKey, fmt.Sprintf("a key %q", prefix), keyColumns+"WHERE prefix = ?", prefix)
}

// Keys implements store.Keys.
func (s *Store) Keys(ctx context.Context) ([]store.Key, error) {
	return all(ctx, s.db, scanKey, keyColumns+"ORDER BY created, prefix")
}

// RevokeKey implements store.Keys.
func (s *Store) RevokeKey(ctx context.Context, prefix string, at time.Time) error {
	return s.durably(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE api_keys SET revoked = CASE WHEN revoked = 0 OR revoked > ?1 THEN ?1 ELSE revoked END WHERE prefix = ?2", nanos(at), prefix))
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: a key %q", store.ErrNotFound, prefix)
		}
		return err
	})
}

func scanKey(row scanner) (store.Key, error) {
	var k store.Key
	var created, revoked int64
	err := row.Scan(&k.Prefix, &k.Hash, (*[]byte)(&k.Claims), &created, &revoked)
	k.Created, k.Revoked = timeOf(created), timeOf(revoked)
	return k, err
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
