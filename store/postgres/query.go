package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

// clock is the time in tests; nil is the database's, which all replicas share.
type clock func() time.Time

// arg is what "coalesce($n, "+databaseNow+")" takes.
func (c clock) arg() *int64 {
	if c == nil {
		return nil
	}
	now := c().UnixNano()
	return &now
}

// databaseNow is the database's time in nanoseconds.
const databaseNow = "(extract(epoch FROM clock_timestamp()) * 1000000000)::bigint"

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func timeOf(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

// micros is a duration in the database's microseconds; one that cannot be right
// is 0.
func micros(us int64) time.Duration {
	if us < 0 || us > math.MaxInt64/int64(time.Microsecond) {
		return 0
	}
	return time.Duration(us) * time.Microsecond
}

// from and until are the bounds of a filter, which the zero time leaves open.
func from(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixNano()
}

func until(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixNano()
}

// all reads every row of a query.
func all[T any](ctx context.Context, r *Reader, scan pgx.RowToFunc[T], query string, args ...any) ([]T, error) {
	short, cancel := bounded(ctx)
	defer cancel()
	rows, err := r.pool.Query(short, query, args...)
	if err != nil {
		return nil, unusable(ctx, err)
	}
	list, err := pgx.AppendRows([]T(nil), rows, scan)
	return list, unusable(ctx, err)
}

// one reads the only row of a query, or says that there is none.
func one[T any](ctx context.Context, r *Reader, scan pgx.RowToFunc[T], what, query string, args ...any) (T, error) {
	short, cancel := bounded(ctx)
	defer cancel()
	var item T
	rows, err := r.pool.Query(short, query, args...)
	if err == nil {
		item, err = pgx.CollectOneRow(rows, scan)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return item, fmt.Errorf("%w: %s", store.ErrNotFound, what)
	}
	return item, unusable(ctx, err)
}

// change does something in one transaction.
func (r *Reader) change(ctx context.Context, do func(context.Context, pgx.Tx) error) error {
	short, cancel := bounded(ctx)
	defer cancel()
	err := pgx.BeginFunc(short, r.pool, func(tx pgx.Tx) error { return do(short, tx) })
	return unusable(ctx, err)
}

// exec changes something by one statement and says how many rows.
func (r *Reader) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	short, cancel := bounded(ctx)
	defer cancel()
	tag, err := r.pool.Exec(short, statement, args...)
	return tag.RowsAffected(), unusable(ctx, err)
}
