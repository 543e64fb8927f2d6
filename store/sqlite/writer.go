package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/store"
)

const (
	// batchSize bounds one transaction.
	batchSize = 4096
	// tries is how often a batch is written before it is given up.
	tries = 3
	// diskTimeout bounds one transaction.
	diskTimeout = 10 * time.Second
)

const insertCall = `INSERT INTO calls (time, decision, route, model, user, forwarded, failed, estimated, unpriced,
	input_tokens, output_tokens, answer, wasted, routing, dearest, implausible, text, record)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const upsertSpent = `INSERT INTO spent (budget, scope, name, period, start, amount) VALUES (?, ?, ?, ?, ?, ?)
	ON CONFLICT (budget, scope, name, period) DO UPDATE SET start = excluded.start, amount = excluded.amount`

// writer is the only one who writes the file.
type writer struct {
	*Store
	conn  *sql.Conn
	call  *sql.Stmt
	spent *sql.Stmt
	batch []*store.Record
}

func newWriter(ctx context.Context, s *Store) (*writer, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	w := &writer{Store: s, conn: conn, batch: make([]*store.Record, 0, batchSize)}
	w.call, err = conn.PrepareContext(ctx, insertCall)
	if err == nil {
		w.spent, err = conn.PrepareContext(ctx, upsertSpent)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", store.ErrUnusable, err), conn.Close())
	}
	return w, nil
}

// run writes until the ledger is closed, then what is left.
func (w *writer) run() {
	defer close(w.stopped)
	defer w.release()
	flush, prune := time.NewTicker(w.config.FlushEvery), time.NewTicker(w.config.PruneEvery)
	defer flush.Stop()
	defer prune.Stop()
	w.prune()
	for {
		select {
		case <-flush.C:
			_ = w.drain()
		case <-prune.C:
			w.prune()
		case done := <-w.syncs:
			done <- w.drain()
		case <-w.stop:
			_ = w.drain()
			return
		}
	}
}

// release lets go of the file; a statement that stays open would keep the last
// connection from tidying up.
func (w *writer) release() {
	_ = w.call.Close()
	_ = w.spent.Close()
	_ = w.conn.Close()
}

// drain writes what was queued when it began, and the budgets.
func (w *writer) drain() error {
	var failures []error
	for left := len(w.queue); ; {
		w.batch = w.batch[:0]
		for ; left > 0 && len(w.batch) < batchSize; left-- {
			w.batch = append(w.batch, <-w.queue)
		}
		failures = append(failures, w.flush())
		w.letGo()
		if left == 0 {
			return errors.Join(failures...)
		}
	}
}

// letGo frees the memory of what was written or given up.
func (w *writer) letGo() {
	var size int64
	for _, r := range w.batch {
		size += r.Bytes()
	}
	w.held.Add(-size)
	clear(w.batch)
}

// flush writes one batch, several times if it must, and counts what is lost.
func (w *writer) flush() error {
	dirty := w.accounts.dirty()
	if len(w.batch) == 0 && len(dirty) == 0 {
		return nil
	}
	var err error
	for try := range tries {
		if try > 0 {
			time.Sleep(w.config.FlushEvery)
		}
		if err = w.commit(dirty); err == nil {
			w.written.Add(int64(len(w.batch)))
			return nil
		}
	}
	w.failed(err)
	w.lost.Add(int64(len(w.batch)))
	w.accounts.markDirty(dirty)
	return err
}

func (w *writer) commit(dirty []balance) error {
	ctx, cancel := context.WithTimeout(context.Background(), diskTimeout)
	defer cancel()
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := w.insert(ctx, tx); err != nil {
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

func (w *writer) insert(ctx context.Context, tx *sql.Tx) error {
	call := tx.StmtContext(ctx, w.call)
	defer func() { _ = call.Close() }()
	for _, r := range w.batch {
		if _, err := call.ExecContext(ctx, r.Time.UnixNano(), r.Decision, r.Route, r.Model, r.User, r.Forwarded, r.Failed,
			r.Estimated, r.Unpriced, r.InputTokens, r.OutputTokens, r.Answer, r.Wasted, r.Routing, r.Dearest,
			r.Implausible, r.Text(w.config.Prompts), []byte(r.Body)); err != nil {
			return err
		}
	}
	return nil
}
