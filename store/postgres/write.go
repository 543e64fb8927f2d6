package postgres

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/backlog"
)

const (
	// rowBytes is about what a row takes beside its texts, with its indexes.
	rowBytes = 300
	// attemptBytes is about what an attempt takes beside its model's name.
	attemptBytes = 100
	// memory is how long is kept what no longer counts: spending of periods that
	// are over, the last batches of writers that are gone.
	memory = 62 * 24 * time.Hour
)

// writer writes the records of one store.
type writer struct {
	*Reader
	config store.Config
	name   string
	batch  int64 // number of the last batch that was written or refused
}

var _ backlog.Writer = (*writer)(nil)

var callColumns = []string{
	"time", "decision", "route", "model", "user", "forwarded", "failed", "estimated", "unpriced", "implausible",
	"input_tokens", "output_tokens", "answer", "wasted", "routing", "dearest", "text", "record", "bytes", "reason", "decide_us", "latency_us",
}

// Write implements backlog.Writer. A batch whose commit went unheard is
// recognised by its number, so that it is there once.
func (w *writer) Write(list []*store.Record) error {
	if len(list) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(w.open, queryTimeout)
	defer cancel()
	rows, size := w.rows(list)
	attempts := attemptsOf(list)
	err := w.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO batches AS b (writer, last, time) VALUES ($1, $2, $3)
			ON CONFLICT (writer) DO UPDATE SET last = excluded.last, time = excluded.time WHERE b.last < excluded.last`,
			w.name, w.batch+1, w.config.Now().UnixNano())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"calls"}, callColumns, pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		if len(attempts) > 0 {
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{"attempts"}, []string{"time", "model", "failed", "took_us"}, pgx.CopyFromRows(attempts)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, "UPDATE calls_size SET rows = rows + $1, bytes = bytes + $2", len(rows), size)
		return err
	})
	if err == nil || refused(err) {
		w.batch++
	}
	if refused(err) {
		return &backlog.RefusedError{Err: err}
	}
	return err
}

func (w *writer) rows(list []*store.Record) (rows [][]any, size int64) {
	rows = make([][]any, len(list))
	for i, r := range list {
		var text *string
		bytes := int64(rowBytes + len(r.Decision) + len(r.Route) + len(r.Model) + len(r.User) + len(r.Body))
		for _, a := range r.Kept() {
			bytes += int64(attemptBytes + len(a.Model))
		}
		if kept := r.Text(w.config.Prompts); kept != nil {
			clean := plain(*kept)
			text = &clean
			bytes += int64(len(clean))
		}
		size += bytes
		rows[i] = []any{
			r.Time.UnixNano(), plain(r.Decision), plain(r.Route), plain(r.Model), plain(r.User), r.Forwarded, r.Failed,
			r.Estimated, r.Unpriced, r.Implausible, r.InputTokens, r.OutputTokens, r.Answer, r.Wasted, r.Routing, r.Dearest,
			text, plain(string(r.Body)), bytes, plain(r.Reason), r.Decided.Microseconds(), r.Latency.Microseconds(),
		}
	}
	return rows, size
}

func attemptsOf(list []*store.Record) (rows [][]any) {
	for _, r := range list {
		for _, a := range r.Kept() {
			rows = append(rows, []any{r.Time.UnixNano(), plain(a.Model), a.Failed, a.Took.Microseconds()})
		}
	}
	return rows
}

// Prune implements backlog.Writer: the oldest records go until age and size are
// within bounds, and what no longer counts. One replica does it at a time, by the
// database's clock: what all have written must not go because one has a wrong clock.
func (w *writer) Prune() error {
	ctx, cancel := context.WithTimeout(w.open, queryTimeout)
	defer cancel()
	for done := false; !done; {
		err := w.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
			var mine bool
			if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", w.key("prune")).Scan(&mine); err != nil || !mine {
				done = true
				return err
			}
			var now int64
			if err := tx.QueryRow(ctx, "SELECT coalesce($1, "+databaseNow+")", w.now.arg()).Scan(&now); err != nil {
				return err
			}
			deleted, err := w.pruneSome(ctx, tx, timeOf(now))
			if done = deleted == 0; done && err == nil {
				_, err = tx.Exec(ctx, "DELETE FROM attempts WHERE time < coalesce((SELECT min(time) FROM calls), $1)", int64(math.MaxInt64))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneSome deletes some of what is out of bounds and says how many records.
func (w *writer) pruneSome(ctx context.Context, tx pgx.Tx, now time.Time) (deleted int64, err error) {
	old, long := int64(0), now.Add(-memory).UnixNano()
	if w.config.MaxAge > 0 {
		old = now.Add(-w.config.MaxAge).UnixNano()
	}
	for _, s := range []struct {
		statement string
		before    int64
	}{
		{"DELETE FROM spent WHERE start < $1", long},
		{"DELETE FROM batches WHERE time < $1", long},
		{"DELETE FROM leases WHERE expires < $1", now.Add(-leaseMemory).UnixNano()},
		{"DELETE FROM replicas WHERE seen < $1", now.Add(-leaseMemory).UnixNano()},
		{"DELETE FROM small_values WHERE expires <> 0 AND expires <= $1", now.UnixNano()},
		{"DELETE FROM feedback WHERE time < $1", old},
	} {
		if _, err := tx.Exec(ctx, s.statement, s.before); err != nil {
			return 0, err
		}
	}
	if w.config.MaxAge > 0 {
		if deleted, err = deleteCalls(ctx, tx, "time < $1", "10000", old); err != nil {
			return 0, err
		}
	}
	if w.config.MaxBytes > 0 { // as many as are too many, going by their mean size
		n, err := deleteCalls(ctx, tx, "true",
			"SELECT CASE WHEN bytes > $1 THEN least(10000, rows::numeric * (bytes - $1) / bytes + 1) ELSE 0 END FROM calls_size", w.config.MaxBytes)
		if err != nil {
			return 0, err
		}
		deleted += n
	}
	return deleted, nil
}

// deleteCalls deletes the oldest records for which a condition holds, as many as
// limit says, and counts them out. Both are never the caller's text.
func deleteCalls(ctx context.Context, tx pgx.Tx, which, limit string, bound int64) (n int64, err error) {
	err = tx.QueryRow(ctx, `WITH gone AS (
			DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE `+which+` ORDER BY time, id LIMIT (`+limit+`)) RETURNING bytes
		), counted AS (SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM gone
		), less AS (UPDATE calls_size s SET rows = s.rows - c.rows, bytes = s.bytes - c.bytes FROM counted c WHERE c.rows > 0 RETURNING 1)
		SELECT rows FROM counted`, bound).Scan(&n) // #nosec G202 -- constants
	return n, err
}
