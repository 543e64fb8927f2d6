package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/store"
)

// recordColumns are what scanRecord reads, whatever stands in a damaged row.
const recordColumns = `SELECT id, cast(time AS INTEGER), decision, route, model, user, forwarded != 0, failed != 0, estimated != 0,
	unpriced != 0, implausible != 0, cast(input_tokens AS INTEGER), cast(output_tokens AS INTEGER), cast(answer AS INTEGER),
	cast(wasted AS INTEGER), cast(routing AS INTEGER), cast(dearest AS INTEGER), coalesce(text, ''), record, %s FROM calls `

// timelineColumns are those that a file has from timelineVersion on.
const timelineColumns = "reason, cast(decide_us AS INTEGER), cast(latency_us AS INTEGER)"

// Record implements store.Records.
func (r *Reader) Record(ctx context.Context, decision string) (store.Record, error) {
	if decision == "" {
		return store.Record{}, store.ErrNotFound
	}
	list, err := r.records(ctx, "WHERE decision = ? ORDER BY id DESC LIMIT 1", decision)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: decision %q", store.ErrNotFound, decision)
	}
	if err != nil {
		return store.Record{}, err
	}
	return list[0], nil
}

// Records implements store.Records.
func (r *Reader) Records(ctx context.Context, f store.RecordFilter) ([]store.Record, error) {
	if f.Reason != "" {
		if err := r.has(timelineVersion); err != nil {
			return nil, err
		}
	}
	where, args := `WHERE time >= ? AND time < ? AND ? IN ('', route) AND ? IN ('', model) AND ? IN ('', user)
		AND (text IS NOT NULL OR NOT ?) AND (route = '' OR NOT ?) AND (forwarded AND failed OR NOT ?)`,
		[]any{from(f.Since), until(f.Before), f.Route, f.Model, f.User, f.WithText, f.Abstained, f.Failed}
	if f.Reason != "" {
		where, args = where+" AND reason = ?", append(args, f.Reason)
	}
	if f.After != nil {
		where, args = where+" AND (time, id) < (?, ?)", append(args, f.After.Time.UnixNano(), f.After.Seq)
	}
	return r.records(ctx, where+" ORDER BY time DESC, id DESC LIMIT ?", append(args, f.Most())...)
}

func (r *Reader) records(ctx context.Context, where string, args ...any) ([]store.Record, error) {
	if err := r.has(lookupVersion); err != nil {
		return nil, err
	}
	columns := timelineColumns
	if r.version < timelineVersion {
		columns = "'', 0, 0"
	}
	return all(ctx, r.db, scanRecord, fmt.Sprintf(recordColumns, columns)+where, args...)
}

func scanRecord(row scanner) (store.Record, error) {
	var r store.Record
	var at, decided, latency int64
	err := row.Scan(&r.Seq, &at, &r.Decision, &r.Route, &r.Model, &r.User, &r.Forwarded, &r.Failed, &r.Estimated, &r.Unpriced, &r.Implausible,
		&r.InputTokens, &r.OutputTokens, &r.Answer, &r.Wasted, &r.Routing, &r.Dearest, &r.Prompt, (*[]byte)(&r.Body), &r.Reason, &decided, &latency)
	r.Decided, r.Latency = micros(decided), micros(latency)
	r.Time = time.Unix(0, at).UTC()
	if !json.Valid(r.Body) {
		r.Body = nil
	}
	return r, err
}

// scanner is a row of one or several.
type scanner interface{ Scan(...any) error }

// all reads every row of a query.
func all[T any](ctx context.Context, db *sql.DB, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, unusable(err)
	}
	defer func() { _ = rows.Close() }()
	var list []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, unusable(err)
		}
		list = append(list, item)
	}
	if err := rows.Err(); err != nil {
		return nil, unusable(err)
	}
	return list, nil
}

// one reads the only row of a query, or says that there is none.
func one[T any](ctx context.Context, db *sql.DB, scan func(scanner) (T, error), what, query string, args ...any) (T, error) {
	item, err := scan(db.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return item, fmt.Errorf("%w: %s", store.ErrNotFound, what)
	}
	if err != nil {
		return item, unusable(err)
	}
	return item, nil
}

// unusable makes a database's failure one of the store's, and leaves the
// caller's own end as it is.
func unusable(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", store.ErrUnusable, err)
}
