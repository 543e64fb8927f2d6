package ledger

import (
	"context"
	"fmt"
	"time"
)

// Sum is what a group of calls came to. Amounts are nano-dollars.
type Sum struct {
	// Name is the route, model or user; "" where a record has none.
	Name string `json:"name"`
	// Decisions counts all records, Calls those that were forwarded, Failed the
	// calls without a complete answer.
	Decisions int64 `json:"decisions"`
	Calls     int64 `json:"calls"`
	Failed    int64 `json:"failed"`
	// Estimated and Unpriced count calls whose cost is not exact.
	Estimated    int64 `json:"estimated"`
	Unpriced     int64 `json:"unpriced"`
	InputTokens  int64 `json:"input_tokens"`
	OutputTokens int64 `json:"output_tokens"`
	Answer       int64 `json:"answer_nano_usd"`
	Wasted       int64 `json:"failed_nano_usd"`
	Routing      int64 `json:"routing_nano_usd"`
	// Dearest is what the answers would have cost from the dearest model of
	// their routes.
	Dearest int64 `json:"dearest_nano_usd"`
}

// Total is what the calls cost, in nano-dollars.
func (s Sum) Total() int64 { return s.Answer + s.Wasted + s.Routing }

// SavingPercent is how much less was spent than the dearest models would have
// cost, in percent; negative when more was spent, 0 when there is nothing to
// compare with.
func (s Sum) SavingPercent() float64 {
	if s.Dearest == 0 {
		return 0
	}
	return 100 * (1 - float64(s.Total())/float64(s.Dearest))
}

// Report sums up the records of a span, each list by cost, highest first.
type Report struct {
	Since  time.Time `json:"since"`
	Total  Sum       `json:"total"`
	Routes []Sum     `json:"routes"`
	Models []Sum     `json:"models"`
	Users  []Sum     `json:"users"`
}

const sums = `count(*), coalesce(sum(forwarded), 0), coalesce(sum(forwarded AND failed), 0),
	coalesce(sum(estimated), 0), coalesce(sum(unpriced), 0),
	coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0),
	coalesce(sum(answer), 0), coalesce(sum(wasted), 0), coalesce(sum(routing), 0), coalesce(sum(dearest), 0)
	FROM calls WHERE time >= ?`

// Report sums up everything since then.
func (r *Reader) Report(ctx context.Context, since time.Time) (Report, error) {
	out := Report{Since: since}
	row := r.db.QueryRowContext(ctx, "SELECT '', "+sums, since.UnixNano())
	if err := out.Total.scan(row); err != nil {
		return out, fmt.Errorf("%w: %w", ErrFile, err)
	}
	for column, to := range map[string]*[]Sum{"route": &out.Routes, "model": &out.Models, "user": &out.Users} {
		list, err := r.group(ctx, column, since)
		if err != nil {
			return out, fmt.Errorf("%w: %w", ErrFile, err)
		}
		*to = list
	}
	return out, nil
}

// group sums up by one column, which is never the caller's text.
func (r *Reader) group(ctx context.Context, column string, since time.Time) ([]Sum, error) {
	rows, err := r.db.QueryContext(ctx, "SELECT "+column+", "+sums+ // #nosec G202 -- see above
		" GROUP BY 1 ORDER BY sum(answer + wasted + routing) DESC, 1", since.UnixNano())
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := []Sum{}
	for rows.Next() {
		var s Sum
		if err := s.scan(rows); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

func (s *Sum) scan(row interface{ Scan(...any) error }) error {
	return row.Scan(&s.Name, &s.Decisions, &s.Calls, &s.Failed, &s.Estimated, &s.Unpriced,
		&s.InputTokens, &s.OutputTokens, &s.Answer, &s.Wasted, &s.Routing, &s.Dearest)
}
