package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/semroute/semroute/store"
)

// durably changes the file in one transaction that is on the disk when it
// returns. It waits for the writer of records, never for longer than that takes
// for a batch. Errors of the store come back as they are.
func (s *Store) durably(ctx context.Context, change func(*sql.Tx) error) error {
	err := func() error {
		tx, err := s.small.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if err := change(tx); err != nil {
			return err
		}
		return tx.Commit()
	}()
	for _, own := range []error{store.ErrStale, store.ErrNotFound, store.ErrExists, store.ErrInvalid} {
		if errors.Is(err, own) {
			return err
		}
	}
	return unusable(err)
}
