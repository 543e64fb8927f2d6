package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

// syncAccounts asks for all accounts at once.
func (r *Reader) syncAccounts(ctx context.Context, tx pgx.Tx, list []*asked) error {
	batch := &pgx.Batch{}
	for _, one := range list {
		batch.Queue(`SELECT start, spent, others, leased, granted FROM account_sync($1, $2, $3, $4, $5, $6,
			coalesce($7, `+databaseNow+`), coalesce($7, `+databaseNow+`) + $8, $9, $10, $11, $12, $13)`,
			one.key, plain(one.id.Budget), plain(one.id.Scope), plain(one.id.Name), string(one.id.Period), one.start.UnixNano(),
			r.now.arg(), leaseTime.Nanoseconds(), one.total, one.reserved, one.want, one.spare, one.limit).QueryRow(func(row pgx.Row) error {
			var start int64
			err := row.Scan(&start, &one.spent, &one.others, &one.leased, &one.granted)
			one.start = time.Unix(0, start).UTC()
			return err
		})
	}
	return tx.SendBatch(ctx, batch).Close()
}

func sortAsked(list []*asked) {
	slices.SortFunc(list, func(x, y *asked) int {
		a, b := x.id, y.id
		return cmp.Or(cmp.Compare(a.Budget, b.Budget), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Period, b.Period))
	})
}

// run books behind the calls and renews leases until the store is closed.
func (a *accounts) run() {
	defer close(a.done)
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-a.stop:
			return
		case <-a.wake:
			a.upkeep(func(got *account) bool { return got.dirty })
		case <-tick.C:
			a.upkeep(func(got *account) bool {
				held := store.Add(got.reserved, got.unbooked())
				return got.dirty || got.lease > store.Add(held, got.spare()) || held > 0 && time.Until(got.until) < leaseTime/2
			})
			a.cool()
		}
	}
}

// upkeep brings some accounts and the database together. A database that is down
// is asked again by a later tick.
func (a *accounts) upkeep(which func(*account) bool) {
	if a.isDown() != nil {
		return
	}
	a.turn <- struct{}{}
	defer func() { <-a.turn }()
	for list := range slices.Chunk(a.choose(which), syncedAtOnce) {
		if a.sync(a.db.open, list) != nil {
			return
		}
	}
}

func (a *accounts) choose(which func(*account) bool) []*asked {
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []*asked
	for id, got := range a.all {
		if which(got) {
			list = append(list, &asked{id: id, of: got})
		}
	}
	return list
}

// cool forgets what was asked for lately, and accounts that nobody uses.
func (a *accounts) cool() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, got := range a.all {
		got.recent, got.before = 0, got.recent
		if got.idle(time.Now()) {
			delete(a.all, id)
		}
	}
}

// close books what is left and gives all leases back, also those of calls in
// flight, which end with the process.
func (a *accounts) close() error {
	close(a.stop)
	<-a.done
	a.turn <- struct{}{}
	defer func() { <-a.turn }()
	list := a.choose(func(*account) bool { return true })
	a.mu.Lock()
	for _, one := range list {
		one.of.reserved, one.of.recent, one.of.before = 0, 0, 0
	}
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(a.db.open, queryTimeout)
	defer cancel()
	for part := range slices.Chunk(list, syncedAtOnce) {
		if err := a.sync(ctx, part); err != nil {
			return fmt.Errorf("spending of the last moments is not booked: %w", err)
		}
	}
	_, err := a.db.exec(ctx, "DELETE FROM leases WHERE starts_with(replica, $1)", a.name+"/")
	return err
}
