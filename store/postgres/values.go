package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

// alive holds for values that have not expired; $3 is the time, or null for the
// database's.
const alive = "(expires = 0 OR expires > coalesce($3, " + databaseNow + "))"

// Value implements store.Values.
func (s *Store) Value(ctx context.Context, scope, key string) (store.Value, error) {
	if err := store.CheckValue(scope, key, nil); err != nil {
		return store.Value{}, err
	}
	return one(ctx, s.Reader, scanValue, fmt.Sprintf("%s %q", scope, key),
		"SELECT key, data, version, expires FROM small_values WHERE scope = $1 AND key = $2 AND "+alive, scope, key, s.now.arg())
}

// PutValue implements store.Values.
func (s *Store) PutValue(ctx context.Context, scope, key string, data []byte, expires time.Time) (int64, error) {
	if err := store.CheckValue(scope, key, data); err != nil {
		return 0, err
	}
	return one(ctx, s.Reader, pgx.RowTo[int64], "version", `INSERT INTO small_values (scope, key, data, version, expires)
		VALUES ($1, $2, $3, nextval('value_version'), $4)
		ON CONFLICT (scope, key) DO UPDATE SET data = excluded.data, version = excluded.version, expires = excluded.expires
		RETURNING version`, scope, key, notNull(data), nanos(expires))
}

// SwapValue implements store.Values.
func (s *Store) SwapValue(ctx context.Context, scope, key string, known int64, data []byte, expires time.Time) (version int64, err error) {
	if err := store.CheckValue(scope, key, data); err != nil {
		return 0, err
	}
	err = s.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
		statement := `UPDATE small_values SET data = $4, version = nextval('value_version'), expires = $5
			WHERE scope = $1 AND key = $2 AND version = $6 AND ` + alive + " RETURNING version"
		if known == 0 { // in the place of nothing, or of what has expired
			statement = `INSERT INTO small_values AS v (scope, key, data, version, expires) VALUES ($1, $2, $4, nextval('value_version'), $5)
				ON CONFLICT (scope, key) DO UPDATE SET data = excluded.data, version = excluded.version, expires = excluded.expires
				WHERE $6 = 0 AND v.expires <> 0 AND v.expires <= coalesce($3, ` + databaseNow + ") RETURNING version"
		}
		rows, err := tx.Query(ctx, statement, scope, key, s.now.arg(), notNull(data), nanos(expires), known)
		if err != nil {
			return err
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err == nil && len(list) == 0 {
			return fmt.Errorf("%w: %s %q is not of version %d", store.ErrStale, scope, key, known)
		}
		if err == nil {
			version = list[0]
		}
		return err
	})
	return version, err
}

func notNull(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// DeleteValue implements store.Values.
func (s *Store) DeleteValue(ctx context.Context, scope, key string) error {
	if err := store.CheckValue(scope, key, nil); err != nil {
		return err
	}
	_, err := s.exec(ctx, "DELETE FROM small_values WHERE scope = $1 AND key = $2", scope, key)
	return err
}

// Values implements store.Values.
func (s *Store) Values(ctx context.Context, scope, after string, limit int) ([]store.Value, error) {
	return all(ctx, s.Reader, scanValue, "SELECT key, data, version, expires FROM small_values WHERE scope = $1 AND key > $2 AND "+alive+
		" ORDER BY key LIMIT $4", plain(scope), plain(after), s.now.arg(), store.MostValues(limit))
}

func scanValue(row pgx.CollectableRow) (store.Value, error) {
	var v store.Value
	var expires int64
	err := row.Scan(&v.Key, &v.Data, &v.Version, &expires)
	v.Expires = timeOf(expires)
	return v, err
}
