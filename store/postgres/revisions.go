package postgres

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

const revisionColumns = "SELECT number, etag, catalog, author, cause, time FROM revisions "

// AddRevision implements store.Revisions.
func (s *Store) AddRevision(ctx context.Context, head int64, r store.Revision) (store.Revision, error) {
	if err := r.Check(); err != nil {
		return r, err
	}
	err := s.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var now int64
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", s.key("revisions")); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "SELECT coalesce(max(number), 0) FROM revisions").Scan(&now); err != nil {
			return err
		}
		if now != head {
			return fmt.Errorf("%w: the newest revision is %d, not %d", store.ErrStale, now, head)
		}
		r.Number = now + 1
		if _, err := tx.Exec(ctx, "INSERT INTO revisions (number, etag, catalog, author, cause, time) VALUES ($1, $2, $3, $4, $5, $6)",
			r.Number, r.Etag, r.Catalog, r.Author, r.Cause, nanos(r.Time)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM revisions WHERE number <= $1", r.Number-store.KeptRevisions); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "SELECT pg_notify($1, $2)", s.channel(), fmt.Sprint(r.Number))
		return err
	})
	return r, err
}

// Revision implements store.Revisions.
func (r *Reader) Revision(ctx context.Context, number int64) (store.Revision, error) {
	return one(ctx, r, scanRevision, fmt.Sprintf("revision %d", number), revisionColumns+"WHERE number = $1", number)
}

// HeadRevision implements store.Revisions.
func (r *Reader) HeadRevision(ctx context.Context) (store.Revision, error) {
	return one(ctx, r, scanRevision, "no revision yet", revisionColumns+"ORDER BY number DESC LIMIT 1")
}

// Revisions implements store.Revisions.
func (r *Reader) Revisions(ctx context.Context, below int64, limit int) ([]store.Revision, error) {
	if below <= 0 {
		below = math.MaxInt64
	}
	return all(ctx, r, scanRevision, "SELECT number, etag, '', author, cause, time FROM revisions WHERE number < $1 ORDER BY number DESC LIMIT $2",
		below, store.MostRevisions(limit))
}

func scanRevision(row pgx.CollectableRow) (store.Revision, error) {
	var r store.Revision
	var at int64
	err := row.Scan(&r.Number, &r.Etag, &r.Catalog, &r.Author, &r.Cause, &at)
	r.Time = timeOf(at)
	return r, err
}
