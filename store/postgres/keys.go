package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

const keyColumns = "SELECT prefix, hash, claims, created, revoked FROM api_keys "

// AddKey implements store.Keys.
func (s *Store) AddKey(ctx context.Context, k store.Key) error {
	if err := k.Check(); err != nil {
		return err
	}
	n, err := s.exec(ctx, "INSERT INTO api_keys (prefix, hash, claims, created, revoked) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		k.Prefix, k.Hash, string(k.Claims), nanos(k.Created), nanos(k.Revoked))
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: a key %q", store.ErrExists, k.Prefix)
	}
	return err
}

// Key implements store.Keys.
func (r *Reader) Key(ctx context.Context, prefix string) (store.Key, error) {
	return one(ctx, r, scanKey, fmt.Sprintf("a key %q", prefix), keyColumns+"WHERE prefix = $1", plain(prefix))
}

// Keys implements store.Keys.
func (r *Reader) Keys(ctx context.Context) ([]store.Key, error) {
	return all(ctx, r, scanKey, keyColumns+"ORDER BY created, prefix")
}

// RevokeKey implements store.Keys.
func (s *Store) RevokeKey(ctx context.Context, prefix string, at time.Time) error {
	n, err := s.exec(ctx, "UPDATE api_keys SET revoked = CASE WHEN revoked = 0 OR revoked > $1 THEN $1 ELSE revoked END WHERE prefix = $2", nanos(at), plain(prefix))
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: a key %q", store.ErrNotFound, prefix)
	}
	return err
}

func scanKey(row pgx.CollectableRow) (store.Key, error) {
	var k store.Key
	var claims string
	var created, revoked int64
	err := row.Scan(&k.Prefix, &k.Hash, &claims, &created, &revoked)
	k.Claims, k.Created, k.Revoked = json.RawMessage(claims), timeOf(created), timeOf(revoked)
	return k, err
}
