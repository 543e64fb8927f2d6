package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"sync"

	"github.com/semroute/semroute/store"
)

const revisionColumns = "SELECT number, etag, catalog, author, cause, time FROM revisions "

// AddRevision implements store.Revisions.
func (s *Store) AddRevision(ctx context.Context, head int64, r store.Revision) (store.Revision, error) {
	if err := r.Check(); err != nil {
		return r, err
	}
	err := s.durably(ctx, func(tx *sql.Tx) error {
		var now int64
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM revisions").Scan(&now); err != nil {
			return err
		}
		if now != head {
			return fmt.Errorf("%w: the newest revision is %d, not %d", store.ErrStale, now, head)
		}
		r.Number = now + 1
		if _, err := tx.ExecContext(ctx, "INSERT INTO revisions (number, etag, catalog, author, cause, time) VALUES (?, ?, ?, ?, ?, ?)",
			r.Number, r.Etag, r.Catalog, r.Author, r.Cause, nanos(r.Time)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM revisions WHERE number <= ?", r.Number-store.KeptRevisions)
		return err
	})
	if err == nil {
		s.head.tell(r.Number)
	}
	return r, err
}

// Revision implements store.Revisions.
func (s *Store) Revision(ctx context.Context, number int64) (store.Revision, error) {
	return one(ctx, s.db, scanRevision, fmt.Sprintf("revision %d", number), revisionColumns+"WHERE number = ?", number)
}

// HeadRevision implements store.Revisions.
func (s *Store) HeadRevision(ctx context.Context) (store.Revision, error) {
	return one(ctx, s.db, scanRevision, "no revision yet", revisionColumns+"ORDER BY number DESC LIMIT 1")
}

// Revisions implements store.Revisions.
func (s *Store) Revisions(ctx context.Context, below int64, limit int) ([]store.Revision, error) {
	if below <= 0 {
		below = math.MaxInt64
	}
	return all(ctx, s.db, scanRevision, "SELECT number, etag, '', author, cause, time FROM revisions WHERE number < ? ORDER BY number DESC LIMIT ?",
		below, store.MostRevisions(limit))
}

func scanRevision(row scanner) (store.Revision, error) {
	var r store.Revision
	var at int64
	err := row.Scan(&r.Number, &r.Etag, &r.Catalog, &r.Author, &r.Cause, &at)
	r.Time = timeOf(at)
	return r, err
}

// WatchRevisions implements store.Revisions. One process owns the file, so that
// all changes are its own.
func (s *Store) WatchRevisions(ctx context.Context, tell func(head int64)) {
	for told := int64(-1); ; {
		head, changed := s.head.now()
		if head != told {
			told = head
			tell(head)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.closed:
			return
		case <-changed:
		}
	}
}

// headNumber is the newest revision's number, for those who wait for the next.
type headNumber struct {
	mu      sync.Mutex // protects the fields below
	number  int64
	changed chan struct{} // closed when number changes
}

func newHeadNumber(ctx context.Context, db *sql.DB) (*headNumber, error) {
	h := &headNumber{changed: make(chan struct{})}
	err := db.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM revisions").Scan(&h.number)
	return h, unusable(err)
}

func (h *headNumber) now() (int64, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.number, h.changed
}

// tell makes a later number the present one.
func (h *headNumber) tell(number int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if number <= h.number {
		return
	}
	h.number = number
	close(h.changed)
	h.changed = make(chan struct{})
}
