package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"github.com/semroute/semroute/store"
)

// plausible holds for a record whose numbers can be right. It needs both
// bounds twice: of tokens and of amounts. SQLite sorts text after numbers, so
// that a column with anything else in it is not plausible either.
var plausible = fmt.Sprintf(`(input_tokens BETWEEN 0 AND %[1]d AND output_tokens BETWEEN 0 AND %[1]d
	AND answer BETWEEN 0 AND %[2]d AND wasted BETWEEN 0 AND %[2]d
	AND routing BETWEEN 0 AND %[2]d AND dearest BETWEEN 0 AND %[2]d)`, store.MaxCallTokens, store.MaxCallNano)

// sums are the columns that sum.scan reads. SQLite fails when a sum does not
// fit into 64 bits, so amounts are summed up in two parts: dollars, and the
// rest.
func (f flags) sums() string { return f.columns() + " FROM calls WHERE time >= ?" }

func (f flags) columns() string {
	columns := `count(*), coalesce(sum(forwarded != 0), 0), coalesce(sum(forwarded AND failed), 0),
	coalesce(sum(estimated != 0), 0), coalesce(sum(unpriced != 0), 0), coalesce(sum(` + string(f) + ` != 0), 0),
	coalesce(sum(NOT ` + plausible + `), 0)`
	for _, tokens := range []string{"input_tokens", "output_tokens"} {
		columns += fmt.Sprintf(", coalesce(sum(CASE WHEN %s THEN %s END), 0)", plausible, tokens)
	}
	for _, amount := range []string{"answer", "wasted", "routing", "dearest"} {
		for _, part := range []string{"/", "%"} {
			columns += fmt.Sprintf(", coalesce(sum(CASE WHEN %s THEN %s %s %d END), 0)", plausible, amount, part, store.NanoPerUSD)
		}
	}
	return columns
}

// Report implements store.Reader.
func (r *Reader) Report(ctx context.Context, since time.Time) (store.Report, error) {
	out := store.Report{Since: since}
	var err error
	if out.Total, err = scan(r.db.QueryRowContext(ctx, "SELECT '', "+flagsOf(r.version).sums(), since.UnixNano())); err != nil {
		return out, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	for column, to := range map[string]*[]store.Sum{"route": &out.Routes, "model": &out.Models, "user": &out.Users} {
		if *to, err = r.group(ctx, column, since); err != nil {
			return out, fmt.Errorf("%w: %w", store.ErrUnusable, err)
		}
	}
	if out.Total.LeftOut > 0 {
		if out.Odd, err = r.odd(ctx, since); err != nil {
			return out, fmt.Errorf("%w: %w", store.ErrUnusable, err)
		}
	}
	return out, nil
}

// group sums up by one column, which is never the caller's text.
func (r *Reader) group(ctx context.Context, column string, since time.Time) ([]store.Sum, error) {
	rows, err := r.db.QueryContext(ctx, "SELECT "+column+", "+flagsOf(r.version).sums()+" GROUP BY 1", since.UnixNano()) // #nosec G202 -- see above
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := []store.Sum{}
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	store.SortByCost(list)
	return list, rows.Err()
}

func scan(row scanner) (store.Sum, error) {
	var name string
	s, err := scanSum(row, &name)
	s.Name = name
	return s, err
}

// scanSum reads a sum behind what it is of.
func scanSum(row scanner, of any) (store.Sum, error) {
	var s store.Sum
	var dollars, rest [4]int64
	err := row.Scan(of, &s.Decisions, &s.Calls, &s.Failed, &s.Estimated, &s.Unpriced, &s.Implausible, &s.LeftOut,
		&s.InputTokens, &s.OutputTokens, &dollars[0], &rest[0], &dollars[1], &rest[1], &dollars[2], &rest[2], &dollars[3], &rest[3])
	for i, to := range []*int64{&s.Answer, &s.Wasted, &s.Routing, &s.Dearest} {
		*to = math.MaxInt64
		if dollars[i] <= math.MaxInt64/store.NanoPerUSD {
			*to = store.Add(dollars[i]*store.NanoPerUSD, rest[i])
		}
	}
	return s, err
}

// odd are the newest records that are not plausible. What is no number there
// counts as 0.
func (r *Reader) odd(ctx context.Context, since time.Time) ([]store.Odd, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT time, route, model, user, cast(input_tokens AS INTEGER), cast(output_tokens AS INTEGER),
		cast(answer AS INTEGER), cast(wasted AS INTEGER), cast(routing AS INTEGER)
		FROM calls WHERE time >= ? AND NOT `+plausible+" ORDER BY time DESC, id DESC LIMIT ?", since.UnixNano(), store.MaxOdd) // #nosec G202 -- constants
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	return readOdd(rows)
}

func readOdd(rows *sql.Rows) ([]store.Odd, error) {
	var list []store.Odd
	for rows.Next() {
		var o store.Odd
		var at, answer, wasted, routing int64
		if err := rows.Scan(&at, &o.Route, &o.Model, &o.User, &o.InputTokens, &o.OutputTokens, &answer, &wasted, &routing); err != nil {
			return nil, err
		}
		o.Time = time.Unix(0, at).UTC()
		o.Cost = answer
		if wasted > 0 || routing > 0 {
			o.Cost = store.Add(store.Add(answer, wasted), routing)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}
