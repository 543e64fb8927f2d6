package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/store"
)

// alive holds for values that have not expired at a time.
const alive = "(expires = 0 OR expires > ?)"

// Value implements store.Values.
func (s *Store) Value(ctx context.Context, scope, key string) (store.Value, error) {
	if err := store.CheckValue(scope, key, nil); err != nil {
		return store.Value{}, err
	}
	return one(ctx, s.db, scanValue, fmt.Sprintf("%s %q", scope, key),
		"SELECT key, data, version, expires FROM small_values WHERE scope = ? AND key = ? AND "+alive, scope, key, nanos(s.config.Now()))
}

// PutValue implements store.Values.
func (s *Store) PutValue(ctx context.Context, scope, key string, data []byte, expires time.Time) (int64, error) {
	return s.change(ctx, scope, key, data, expires, nil)
}

// SwapValue implements store.Values.
func (s *Store) SwapValue(ctx context.Context, scope, key string, known int64, data []byte, expires time.Time) (int64, error) {
	return s.change(ctx, scope, key, data, expires, &known)
}

// change puts a value, where known is given only in the place of that version.
func (s *Store) change(ctx context.Context, scope, key string, data []byte, expires time.Time, known *int64) (version int64, err error) {
	if err := store.CheckValue(scope, key, data); err != nil {
		return 0, err
	}
	if data == nil {
		data = []byte{}
	}
	err = s.durably(ctx, func(tx *sql.Tx) error {
		if known != nil {
			var there int64
			err := tx.QueryRowContext(ctx, "SELECT version FROM small_values WHERE scope = ? AND key = ? AND "+alive,
				scope, key, nanos(s.config.Now())).Scan(&there)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			if there != *known {
				return fmt.Errorf("%w: %s %q is of version %d, not %d", store.ErrStale, scope, key, there, *known)
			}
		}
		// One counter for all, so that no version comes again after an end.
		if err := tx.QueryRowContext(ctx, "UPDATE value_version SET last = last + 1 RETURNING last").Scan(&version); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO small_values (scope, key, data, version, expires) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (scope, key) DO UPDATE SET data = excluded.data, version = excluded.version, expires = excluded.expires`,
			scope, key, data, version, nanos(expires))
		return err
	})
	return version, err
}

// DeleteValue implements store.Values.
func (s *Store) DeleteValue(ctx context.Context, scope, key string) error {
	if err := store.CheckValue(scope, key, nil); err != nil {
		return err
	}
	return s.durably(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM small_values WHERE scope = ? AND key = ?", scope, key)
		return err
	})
}

// Values implements store.Values.
func (s *Store) Values(ctx context.Context, scope, after string, limit int) ([]store.Value, error) {
	return all(ctx, s.db, scanValue, "SELECT key, data, version, expires FROM small_values WHERE scope = ? AND key > ? AND "+alive+
		" ORDER BY key LIMIT ?", scope, after, nanos(s.config.Now()), store.MostValues(limit))
}

func scanValue(row scanner) (store.Value, error) {
	var v store.Value
	var expires int64
	err := row.Scan(&v.Key, &v.Data, &v.Version, &expires)
	v.Expires = timeOf(expires)
	return v, err
}
