package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// LimitPages is a disk that is full once the file has so many pages.
func LimitPages(ctx context.Context, s *Store, pages int) error {
	limit := func(db interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	},
	) error {
		_, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return err
	}
	return errors.Join(limit(s.writer.conn), limit(s.small))
}
