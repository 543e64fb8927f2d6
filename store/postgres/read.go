package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

const recordColumns = `SELECT id, time, decision, route, model, "user", forwarded, failed, estimated, unpriced, implausible,
	input_tokens, output_tokens, answer, wasted, routing, dearest, coalesce(text, ''), record, reason, decide_us, latency_us FROM calls `

// Record implements store.Records.
func (r *Reader) Record(ctx context.Context, decision string) (store.Record, error) {
	if decision == "" || decision != plain(decision) {
		return store.Record{}, fmt.Errorf("%w: decision %q", store.ErrNotFound, decision)
	}
	return one(ctx, r, scanRecord, fmt.Sprintf("decision %q", decision), recordColumns+"WHERE decision = $1 ORDER BY id DESC LIMIT 1", decision)
}

// Records implements store.Records.
func (r *Reader) Records(ctx context.Context, f store.RecordFilter) ([]store.Record, error) {
	after := store.Place{Time: time.Unix(0, math.MaxInt64), Seq: math.MaxInt64}
	if f.After != nil {
		after = *f.After
	}
	return all(ctx, r, scanRecord, recordColumns+`WHERE time >= $1 AND time < $2 AND $3 IN ('', route) AND $4 IN ('', model) AND $5 IN ('', "user")
		AND (text IS NOT NULL OR NOT $6) AND (route = '' OR NOT $8) AND (forwarded AND failed OR NOT $9) AND $10 IN ('', reason)
		AND (time, id) < ($11, $12) ORDER BY time DESC, id DESC LIMIT $7`,
		from(f.Since), until(f.Before), plain(f.Route), plain(f.Model), plain(f.User), f.WithText, f.Most(),
		f.Abstained, f.Failed, plain(f.Reason), after.Time.UnixNano(), after.Seq)
}

func scanRecord(row pgx.CollectableRow) (store.Record, error) {
	var r store.Record
	var at, decided, latency int64
	var body string
	err := row.Scan(&r.Seq, &at, &r.Decision, &r.Route, &r.Model, &r.User, &r.Forwarded, &r.Failed, &r.Estimated, &r.Unpriced, &r.Implausible,
		&r.InputTokens, &r.OutputTokens, &r.Answer, &r.Wasted, &r.Routing, &r.Dearest, &r.Prompt, &body, &r.Reason, &decided, &latency)
	r.Decided, r.Latency = micros(decided), micros(latency)
	r.Time = time.Unix(0, at).UTC()
	if json.Valid([]byte(body)) {
		r.Body = json.RawMessage(body)
	}
	return r, err
}

// line is one exported record: a labelled prompt, as evaluation and training
// read it, with the whole record beside it.
type line struct {
	Text   string          `json:"text,omitempty"`
	Route  string          `json:"route"`
	Record json.RawMessage `json:"record"`
}

// Export implements store.Reader.
func (r *Reader) Export(ctx context.Context, w io.Writer, f store.Filter) (int, error) {
	rows, err := r.pool.Query(ctx,
		"SELECT coalesce(text, ''), route, record FROM calls WHERE time >= $1 AND (text IS NOT NULL OR NOT $2) ORDER BY time, id", from(f.Since), f.WithText)
	if err != nil {
		return 0, unusable(ctx, err)
	}
	defer rows.Close()
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	n := 0
	for ; rows.Next(); n++ {
		var l line
		var body string
		if err := rows.Scan(&l.Text, &l.Route, &body); err != nil {
			return n, unusable(ctx, err)
		}
		if json.Valid([]byte(body)) { // a damaged row keeps nobody from the others
			l.Record = json.RawMessage(body)
		}
		if err := encoder.Encode(l); err != nil {
			return n, err
		}
	}
	if err := rows.Err(); err != nil {
		return n, unusable(ctx, err)
	}
	return n, buffered.Flush()
}
