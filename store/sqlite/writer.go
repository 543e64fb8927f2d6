package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/backlog"
)

// diskTimeout bounds one transaction.
const diskTimeout = 10 * time.Second

const insertCall = `INSERT INTO calls (time, decision, route, model, user, forwarded, failed, estimated, unpriced,
	input_tokens, output_tokens, answer, wasted, routing, dearest, implausible, text, record, reason, decide_us, latency_us)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const insertAttempt = `INSERT INTO attempts (time, model, failed, took_us) VALUES (?, ?, ?, ?)`

const upsertSpent = `INSERT INTO spent (budget, scope, name, period, start, amount) VALUES (?, ?, ?, ?, ?, ?)
	ON CONFLICT (budget, scope, name, period) DO UPDATE SET start = excluded.start, amount = excluded.amount`

// writer is the only one who writes records and what is spent.
type writer struct {
	config   store.Config
	accounts *accounts
	conn     *sql.Conn
	call     *sql.Stmt
	attempt  *sql.Stmt
	spent    *sql.Stmt
}

var _ backlog.Writer = (*writer)(nil)

func newWriter(ctx context.Context, s *Store) (*writer, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	w := &writer{config: s.config, accounts: s.accounts, conn: conn}
	w.call, err = conn.PrepareContext(ctx, insertCall)
	if err == nil {
		w.attempt, err = conn.PrepareContext(ctx, insertAttempt)
	}
	if err == nil {
		w.spent, err = conn.PrepareContext(ctx, upsertSpent)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", store.ErrUnusable, err), conn.Close())
	}
	return w, nil
}

// release lets go of the file; a statement that stays open would keep the last
// connection from tidying up.
func (w *writer) release() {
	_ = w.call.Close()
	_ = w.attempt.Close()
	_ = w.spent.Close()
	_ = w.conn.Close()
}

// Write implements backlog.Writer; with the records it writes the budgets.
func (w *writer) Write(batch []*store.Record) error {
	dirty := w.accounts.dirty()
	if len(batch) == 0 && len(dirty) == 0 {
		return nil
	}
	err := w.commit(batch, dirty)
	if err != nil {
		w.accounts.markDirty(dirty)
	}
	if refused(err) {
		return &backlog.RefusedError{Err: err}
	}
	return unusable(err)
}

// refused says that a failure is about what was written, not about the disk.
func refused(err error) bool {
	var said *sqlite.Error
	if !errors.As(err, &said) {
		return false
	}
	switch said.Code() & 0xff {
	case sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH:
		return true
	}
	return false
}

func (w *writer) commit(batch []*store.Record, dirty []balance) error {
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := w.insert(ctx, tx, batch); err != nil {
		return err
	}
	spent := tx.StmtContext(ctx, w.spent)
	defer func() { _ = spent.Close() }()
	for _, b := range dirty {
		k := b.key
		if _, err := spent.ExecContext(ctx, k.Budget, k.Scope, k.Name, string(k.Period), b.start.UnixNano(), b.amount); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (w *writer) insert(ctx context.Context, tx *sql.Tx, batch []*store.Record) error {
	call := tx.StmtContext(ctx, w.call)
	defer func() { _ = call.Close() }()
	attempt := tx.StmtContext(ctx, w.attempt)
	defer func() { _ = attempt.Close() }()
	for _, r := range batch {
		if _, err := call.ExecContext(ctx, r.Time.UnixNano(), r.Decision, r.Route, r.Model, r.User, r.Forwarded, r.Failed,
			r.Estimated, r.Unpriced, r.InputTokens, r.OutputTokens, r.Answer, r.Wasted, r.Routing, r.Dearest,
			r.Implausible, r.Text(w.config.Prompts), []byte(r.Body), r.Reason, r.Decided.Microseconds(), r.Latency.Microseconds()); err != nil {
			return err
		}
		for _, a := range r.Kept() {
			if _, err := attempt.ExecContext(ctx, r.Time.UnixNano(), a.Model, a.Failed, a.Took.Microseconds()); err != nil {
				return err
			}
		}
	}
	return nil
}
