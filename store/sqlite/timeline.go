package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/store"
)

// The parameters of all queries: ?1 beginning, ?2 length of a step, ?3 from, ?4
// before, ?5 lines.
const (
	stepColumn = "(time - ?1) / ?2"
	inSpan     = "time >= ?3 AND time < ?4"
)

// Timeline implements store.Timelines.
func (r *Reader) Timeline(ctx context.Context, f store.TimelineFilter) (store.Timeline, error) {
	if err := f.Check(); err != nil {
		return store.Timeline{}, err
	}
	if err := r.has(timelineVersion); err != nil {
		return store.Timeline{}, err
	}
	// One transaction sees one state of the file.
	tx, err := r.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return store.Timeline{}, unusable(err)
	}
	defer func() { _ = tx.Rollback() }()
	t := timeline{tx: tx, filter: f}
	out, err := t.read(ctx)
	return out, unusable(err)
}

// timeline reads one.
type timeline struct {
	tx     *sql.Tx
	filter store.TimelineFilter
	args   []any
}

func (t *timeline) read(ctx context.Context) (out store.Timeline, err error) {
	if out.From, err = t.from(ctx); err != nil {
		return out, err
	}
	f, steps := t.filter, t.filter.Steps()
	t.args = []any{f.Since.UnixNano(), f.Step.Nanoseconds(), out.From.UnixNano(), f.Before.UnixNano(), f.Named()}
	if out.Steps, err = t.sums(ctx, steps); err != nil {
		return out, err
	}
	routes, err := t.lines(ctx, "calls", "route", "route <> ''", "0")
	if err != nil {
		return out, err
	}
	reasons, err := t.lines(ctx, "calls", "reason", "route = ''", "0")
	if err != nil {
		return out, err
	}
	models, err := t.lines(ctx, "attempts", "model", "1", "failed")
	if err != nil {
		return out, err
	}
	out.Routes, out.Reasons, out.Models = store.LinesOf(steps, routes), store.LinesOf(steps, reasons), store.ModelLinesOf(steps, models)
	if out.Decided, err = t.quantiles(ctx, steps, "decide_us", "decide_us > 0"); err != nil {
		return out, err
	}
	if out.Answered, err = t.quantiles(ctx, steps, "latency_us", "forwarded AND latency_us > 0"); err != nil {
		return out, err
	}
	return out, t.took(ctx, out.Models)
}

// from leaves out the oldest records and attempts of more than can be summed up.
func (t *timeline) from(ctx context.Context) (time.Time, error) {
	from := t.filter.Since
	for _, table := range []string{"calls", "attempts"} {
		var cut int64
		err := t.tx.QueryRowContext(ctx, "SELECT time FROM "+table+" WHERE time >= ? AND time < ? ORDER BY time DESC LIMIT 1 OFFSET ?",
			t.filter.Since.UnixNano(), t.filter.Before.UnixNano(), store.MaxSummed).Scan(&cut) // #nosec G202 -- constants
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return from, err
		default:
			if later := t.filter.From(time.Unix(0, cut).UTC()); later.After(from) {
				from = later
			}
		}
	}
	return from, nil
}

func (t *timeline) sums(ctx context.Context, steps int) ([]store.Sum, error) {
	list := make([]store.Sum, steps)
	return list, t.each(ctx, "SELECT "+stepColumn+", "+flagsOf(timelineVersion).columns()+" FROM calls WHERE "+inSpan+" GROUP BY 1",
		func(row scanner) error {
			var step int
			s, err := scanSum(row, &step)
			if err == nil && step >= 0 && step < steps {
				list[step] = s
			}
			return err
		})
}

// lines count by a column, whose most frequent values have a line each. None of
// the arguments is ever the caller's text.
func (t *timeline) lines(ctx context.Context, table, column, which, failed string) (list []store.LineCount, err error) {
	err = t.each(ctx, fmt.Sprintf(`WITH top AS (SELECT %[2]s AS name FROM %[1]s WHERE %[5]s AND %[3]s GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?5)
		SELECT %[6]s, coalesce(top.name, ''), top.name IS NULL, count(*), coalesce(sum(%[4]s != 0), 0)
		FROM %[1]s LEFT JOIN top ON top.name = %[1]s.%[2]s WHERE %[5]s AND %[3]s GROUP BY 1, 2, 3`,
		table, column, which, failed, inSpan, stepColumn),
		func(row scanner) error {
			var c store.LineCount
			err := row.Scan(&c.Step, &c.Name, &c.Other, &c.Count, &c.Failed)
			list = append(list, c)
			return err
		})
	return list, err
}

// nearestRanks reads the quantiles of a column "us" by a column "of", each a
// value that stands there.
const nearestRanks = `WITH placed AS (SELECT %[1]s AS part, %[2]s AS us, row_number() OVER (PARTITION BY %[1]s ORDER BY %[2]s) AS place,
		count(*) OVER (PARTITION BY %[1]s) AS among FROM %[3]s WHERE ` + inSpan + ` AND %[4]s)
	SELECT part, among, max(CASE WHEN place = (among * 50 + 99) / 100 THEN us END), max(CASE WHEN place = (among * 90 + 99) / 100 THEN us END),
		max(CASE WHEN place = (among * 99 + 99) / 100 THEN us END) FROM placed GROUP BY 1, 2`

func scanQuantiles(row scanner, of any) (q store.Quantiles, err error) {
	var p [3]int64
	err = row.Scan(of, &q.Count, &p[0], &p[1], &p[2])
	q.P50, q.P90, q.P99 = micros(p[0]), micros(p[1]), micros(p[2])
	return q, err
}

func (t *timeline) quantiles(ctx context.Context, steps int, column, which string) ([]store.Quantiles, error) {
	list := make([]store.Quantiles, steps)
	return list, t.each(ctx, fmt.Sprintf(nearestRanks, stepColumn, column, "calls", which), func(row scanner) error {
		var step int
		q, err := scanQuantiles(row, &step)
		if err == nil && step >= 0 && step < steps {
			list[step] = q
		}
		return err
	})
}

// took sets how long the attempts of the named models took.
func (t *timeline) took(ctx context.Context, models []store.ModelLine) error {
	return t.each(ctx, fmt.Sprintf(nearestRanks, "model", "took_us", "attempts", "1"), func(row scanner) error {
		var name string
		q, err := scanQuantiles(row, &name)
		for i := range models {
			if m := &models[i]; m.Name == name && !m.Other {
				m.Took = q
			}
		}
		return err
	})
}

func (t *timeline) each(ctx context.Context, query string, do func(scanner) error) error {
	rows, err := t.tx.QueryContext(ctx, query, t.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
