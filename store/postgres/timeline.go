package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

// The parameters of the queries: beginning, length of a step, from, before, lines.
const (
	stepColumn = "(time - @since) / @step"
	inSpan     = "time >= @from AND time < @before"
)

// Timeline implements store.Timelines.
func (r *Reader) Timeline(ctx context.Context, f store.TimelineFilter) (out store.Timeline, err error) {
	if err := f.Check(); err != nil {
		return out, err
	}
	short, cancel := bounded(ctx)
	defer cancel()
	// One transaction sees one state of the database.
	err = pgx.BeginTxFunc(short, r.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		t := timeline{tx: tx, filter: f}
		out, err = t.read(short)
		return err
	})
	return out, unusable(ctx, err)
}

// timeline reads one.
type timeline struct {
	tx     pgx.Tx
	filter store.TimelineFilter
	args   pgx.NamedArgs
}

func (t *timeline) read(ctx context.Context) (out store.Timeline, err error) {
	if out.From, err = t.from(ctx); err != nil {
		return out, err
	}
	f, steps := t.filter, t.filter.Steps()
	t.args = pgx.NamedArgs{
		"since": f.Since.UnixNano(), "step": f.Step.Nanoseconds(), "from": out.From.UnixNano(), "before": f.Before.UnixNano(), "lines": f.Named(),
	}
	if out.Steps, err = t.sums(ctx, steps); err != nil {
		return out, err
	}
	routes, err := t.lines(ctx, "calls", "route", "route <> ''", "false")
	if err != nil {
		return out, err
	}
	reasons, err := t.lines(ctx, "calls", "reason", "route = ''", "false")
	if err != nil {
		return out, err
	}
	models, err := t.lines(ctx, "attempts", "model", "true", "failed")
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
		err := t.tx.QueryRow(ctx, "SELECT time FROM "+table+" WHERE time >= $1 AND time < $2 ORDER BY time DESC LIMIT 1 OFFSET $3",
			t.filter.Since.UnixNano(), t.filter.Before.UnixNano(), store.MaxSummed).Scan(&cut) // #nosec G202 -- constants
		switch {
		case errors.Is(err, pgx.ErrNoRows):
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
	return list, t.each(ctx, "SELECT "+stepColumn+", "+sumColumns()+" FROM calls WHERE "+inSpan+" GROUP BY 1",
		func(row pgx.CollectableRow) error {
			var step int
			s, err := scanSumOf(row, &step)
			if err == nil && step >= 0 && step < steps {
				list[step] = s
			}
			return err
		})
}

// lines count by a column, whose most frequent values have a line each. None of
// the arguments is ever the caller's text.
func (t *timeline) lines(ctx context.Context, table, column, which, failed string) (list []store.LineCount, err error) {
	err = t.each(ctx, fmt.Sprintf(`WITH top AS (SELECT %[2]s AS name FROM %[1]s WHERE %[5]s AND %[3]s GROUP BY 1
			ORDER BY count(*) DESC, %[2]s COLLATE "C" LIMIT @lines)
		SELECT %[6]s, coalesce(top.name, ''), top.name IS NULL, count(*), count(*) FILTER (WHERE %[4]s)
		FROM %[1]s LEFT JOIN top ON top.name = %[1]s.%[2]s WHERE %[5]s AND %[3]s GROUP BY 1, 2, 3`,
		table, column, which, failed, inSpan, stepColumn),
		func(row pgx.CollectableRow) error {
			var c store.LineCount
			err := row.Scan(&c.Step, &c.Name, &c.Other, &c.Count, &c.Failed)
			list = append(list, c)
			return err
		})
	return list, err
}

// quantilesOf are three columns, each a value that stands in the column.
func quantilesOf(column string) string {
	return fmt.Sprintf("count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY %[1]s), percentile_disc(0.9) WITHIN GROUP (ORDER BY %[1]s), "+
		"percentile_disc(0.99) WITHIN GROUP (ORDER BY %[1]s)", column)
}

func scanQuantiles(row pgx.CollectableRow, of any) (q store.Quantiles, err error) {
	var p [3]int64
	err = row.Scan(of, &q.Count, &p[0], &p[1], &p[2])
	q.P50, q.P90, q.P99 = micros(p[0]), micros(p[1]), micros(p[2])
	return q, err
}

func (t *timeline) quantiles(ctx context.Context, steps int, column, which string) ([]store.Quantiles, error) {
	list := make([]store.Quantiles, steps)
	return list, t.each(ctx, "SELECT "+stepColumn+", "+quantilesOf(column)+" FROM calls WHERE "+inSpan+" AND "+which+" GROUP BY 1",
		func(row pgx.CollectableRow) error {
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
	return t.each(ctx, "SELECT model, "+quantilesOf("took_us")+" FROM attempts WHERE "+inSpan+" GROUP BY 1", func(row pgx.CollectableRow) error {
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

func (t *timeline) each(ctx context.Context, query string, do func(pgx.CollectableRow) error) error {
	rows, err := t.tx.Query(ctx, query, t.args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
