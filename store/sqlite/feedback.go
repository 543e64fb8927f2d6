package sqlite

import (
	"context"
	"database/sql"

	"github.com/semroute/semroute/store"
)

const feedbackColumns = "SELECT seq, key, decision, time, body FROM feedback "

// AddFeedback implements store.FeedbackLog.
func (s *Store) AddFeedback(ctx context.Context, f store.Feedback) (store.Feedback, error) {
	if err := f.Check(); err != nil {
		return f, err
	}
	err := s.durably(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO feedback (key, decision, time, body) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
			f.Key, f.Decision, nanos(f.Time), []byte(f.Body))
		if err == nil {
			f, err = scanFeedback(tx.QueryRowContext(ctx, feedbackColumns+"WHERE key = ?", f.Key))
		}
		return err
	})
	return f, err
}

// Feedback implements store.FeedbackLog.
func (r *Reader) Feedback(ctx context.Context, f store.FeedbackFilter) ([]store.Feedback, error) {
	if err := r.has(lookupVersion); err != nil {
		return nil, err
	}
	return all(ctx, r.db, scanFeedback, feedbackColumns+`WHERE seq > ? AND time >= ? AND time < ? AND ? IN ('', decision) ORDER BY seq LIMIT ?`,
		f.After, from(f.Since), until(f.Before), f.Decision, f.Most())
}

func scanFeedback(row scanner) (store.Feedback, error) {
	var f store.Feedback
	var at int64
	err := row.Scan(&f.Seq, &f.Key, &f.Decision, &at, (*[]byte)(&f.Body))
	f.Time = timeOf(at)
	return f, err
}
