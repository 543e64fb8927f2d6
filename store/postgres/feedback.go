package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

const feedbackColumns = "SELECT seq, key, decision, time, body FROM feedback "

// AddFeedback implements store.FeedbackLog. Those who append take turns, so that
// none becomes visible below one that was listed.
func (s *Store) AddFeedback(ctx context.Context, f store.Feedback) (store.Feedback, error) {
	if err := f.Check(); err != nil {
		return f, err
	}
	err := s.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", s.key("feedback")); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO feedback (key, decision, time, body) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING",
			f.Key, f.Decision, nanos(f.Time), string(f.Body)); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, feedbackColumns+"WHERE key = $1", f.Key)
		if err == nil {
			f, err = pgx.CollectOneRow(rows, scanFeedback)
		}
		return err
	})
	return f, err
}

// Feedback implements store.FeedbackLog.
func (r *Reader) Feedback(ctx context.Context, f store.FeedbackFilter) ([]store.Feedback, error) {
	return all(ctx, r, scanFeedback, feedbackColumns+"WHERE seq > $1 AND time >= $2 AND time < $3 AND $4 IN ('', decision) ORDER BY seq LIMIT $5",
		f.After, from(f.Since), until(f.Before), plain(f.Decision), f.Most())
}

func scanFeedback(row pgx.CollectableRow) (store.Feedback, error) {
	var f store.Feedback
	var at int64
	var body string
	err := row.Scan(&f.Seq, &f.Key, &f.Decision, &at, &body)
	f.Time, f.Body = timeOf(at), json.RawMessage(body)
	return f, err
}
