package sqlite

import (
	"context"
	"math"
	"time"
)

const (
	// pruneRows is how many records are deleted at once, so that the writer is
	// never kept for long.
	pruneRows = 10_000
	// spentMemory is how long a budget's spending is kept after its window.
	spentMemory = 62 * 24 * time.Hour
)

// Prune implements backlog.Writer: the oldest records go until age and size are
// within bounds, and budgets whose window is long over are forgotten.
func (w *writer) Prune() error {
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	w.accounts.sweep()
	if err := w.pruneWithin(ctx); err != nil {
		return err
	}
	return w.pruneAttempts(ctx)
}

func (w *writer) pruneWithin(ctx context.Context) error {
	now := w.config.Now()
	if _, err := w.conn.ExecContext(ctx, "DELETE FROM spent WHERE start < ?", now.Add(-spentMemory).UnixNano()); err != nil {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, "DELETE FROM small_values WHERE expires != 0 AND expires <= ?", now.UnixNano()); err != nil {
		return err
	}
	for {
		deleted, err := w.pruneSome(ctx, now)
		if err != nil {
			return err
		}
		if deleted == 0 {
			break
		}
		if err := w.shrink(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pruneAttempts deletes those whose records are gone: records go the oldest first.
func (w *writer) pruneAttempts(ctx context.Context) error {
	for {
		n, err := w.delete(ctx, `DELETE FROM attempts WHERE rowid IN (SELECT rowid FROM attempts
			WHERE time < coalesce((SELECT min(time) FROM calls), ?) ORDER BY time LIMIT ?)`, math.MaxInt64, pruneRows)
		if err != nil || n == 0 {
			return err
		}
		if err := w.shrink(ctx); err != nil {
			return err
		}
	}
}

// shrink gives free pages back to the file system. The pragma frees a page for
// every row that is read of it.
func (w *writer) shrink(ctx context.Context) error {
	rows, err := w.conn.QueryContext(ctx, "PRAGMA incremental_vacuum")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
	}
	return rows.Err()
}

// pruneSome deletes some records that are out of bounds and says how many.
func (w *writer) pruneSome(ctx context.Context, now time.Time) (int64, error) {
	var deleted int64
	if w.config.MaxAge > 0 {
		n, err := w.delete(ctx, "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE time < ? ORDER BY time LIMIT ?)",
			now.Add(-w.config.MaxAge).UnixNano(), pruneRows)
		if err != nil {
			return 0, err
		}
		deleted += n
		if n, err = w.delete(ctx, "DELETE FROM feedback WHERE seq IN (SELECT seq FROM feedback WHERE time < ? ORDER BY time LIMIT ?)",
			now.Add(-w.config.MaxAge).UnixNano(), pruneRows); err != nil {
			return 0, err
		}
		deleted += n
	}
	if w.config.MaxBytes > 0 {
		over, err := w.overSize(ctx)
		if err != nil || over == 0 {
			return deleted, err
		}
		n, err := w.delete(ctx, "DELETE FROM calls WHERE id IN (SELECT id FROM calls ORDER BY id LIMIT ?)", min(over, pruneRows))
		if err != nil {
			return 0, err
		}
		deleted += n
	}
	return deleted, nil
}

// overSize is how many records are too many, going by their mean size.
func (w *writer) overSize(ctx context.Context) (int64, error) {
	var pages, free, size, count int64
	for pragma, to := range map[string]*int64{"page_count": &pages, "freelist_count": &free, "page_size": &size} {
		if err := w.conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(to); err != nil {
			return 0, err
		}
	}
	used := (pages - free) * size
	if used <= w.config.MaxBytes {
		return 0, nil
	}
	if err := w.conn.QueryRowContext(ctx, "SELECT count(*) FROM calls").Scan(&count); err != nil || count == 0 {
		return 0, err
	}
	return min(count, (used-w.config.MaxBytes)*count/used+1), nil
}

func (w *writer) delete(ctx context.Context, statement string, args ...any) (int64, error) {
	result, err := w.conn.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
