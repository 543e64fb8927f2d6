package postgres

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

// plausible holds for a record whose numbers can be right.
var plausible = fmt.Sprintf(`(input_tokens BETWEEN 0 AND %[1]d AND output_tokens BETWEEN 0 AND %[1]d
	AND answer BETWEEN 0 AND %[2]d AND wasted BETWEEN 0 AND %[2]d
	AND routing BETWEEN 0 AND %[2]d AND dearest BETWEEN 0 AND %[2]d)`, store.MaxCallTokens, store.MaxCallNano)

// sums are the columns that scanSum reads. What does not fit into 64 bits is the
// largest number that does.
func sums() string { return sumColumns() + " FROM calls WHERE time >= $1" }

func sumColumns() string {
	columns := `count(*), count(*) FILTER (WHERE forwarded), count(*) FILTER (WHERE forwarded AND failed),
	count(*) FILTER (WHERE estimated), count(*) FILTER (WHERE unpriced), count(*) FILTER (WHERE implausible),
	count(*) FILTER (WHERE NOT ` + plausible + `)`
	for _, amount := range []string{"input_tokens", "output_tokens", "answer", "wasted", "routing", "dearest"} {
		columns += fmt.Sprintf(", least(coalesce(sum(%s) FILTER (WHERE %s), 0), %d)::bigint", amount, plausible, int64(math.MaxInt64))
	}
	return columns
}

// Report implements store.Reader.
func (r *Reader) Report(ctx context.Context, since time.Time) (store.Report, error) {
	out := store.Report{Since: since}
	var err error
	if out.Total, err = one(ctx, r, scanSum, "sums", "SELECT '', "+sums(), from(since)); err != nil {
		return out, err
	}
	for column, to := range map[string]*[]store.Sum{"route": &out.Routes, "model": &out.Models, `"user"`: &out.Users} {
		list, err := all(ctx, r, scanSum, "SELECT "+column+", "+sums()+" GROUP BY 1", from(since)) // #nosec G202 -- constants
		if err != nil {
			return out, err
		}
		store.SortByCost(list)
		*to = append([]store.Sum{}, list...)
	}
	if out.Total.LeftOut > 0 {
		out.Odd, err = all(ctx, r, scanOdd, `SELECT time, route, model, "user", input_tokens, output_tokens, answer, wasted, routing
			FROM calls WHERE time >= $1 AND NOT `+plausible+" ORDER BY time DESC, id DESC LIMIT $2", from(since), store.MaxOdd) // #nosec G202 -- constants
	}
	return out, err
}

func scanSum(row pgx.CollectableRow) (store.Sum, error) {
	var name string
	s, err := scanSumOf(row, &name)
	s.Name = name
	return s, err
}

// scanSumOf reads a sum behind what it is of.
func scanSumOf(row pgx.CollectableRow, of any) (store.Sum, error) {
	var s store.Sum
	err := row.Scan(of, &s.Decisions, &s.Calls, &s.Failed, &s.Estimated, &s.Unpriced, &s.Implausible, &s.LeftOut,
		&s.InputTokens, &s.OutputTokens, &s.Answer, &s.Wasted, &s.Routing, &s.Dearest)
	return s, err
}

func scanOdd(row pgx.CollectableRow) (store.Odd, error) {
	var o store.Odd
	var at, answer, wasted, routing int64
	err := row.Scan(&at, &o.Route, &o.Model, &o.User, &o.InputTokens, &o.OutputTokens, &answer, &wasted, &routing)
	o.Time = time.Unix(0, at).UTC()
	o.Cost = answer
	if wasted > 0 || routing > 0 {
		o.Cost = store.Add(store.Add(answer, wasted), routing)
	}
	return o, err
}
