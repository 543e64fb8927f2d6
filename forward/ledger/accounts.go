package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

// accountKey names an account: whose money, of which budget, in which period.
type accountKey struct{ budget, scope, name, period string }

// account is what was spent in the current period and what is held back for
// calls in flight.
type account struct {
	start    time.Time
	spent    int64
	reserved int64
	changed  bool
}

// balance is an account as it is written to the file.
type balance struct {
	key    accountKey
	start  time.Time
	amount int64
}

// accounts are all accounts, in memory.
type accounts struct {
	now func() time.Time

	mu      sync.Mutex // protects the fields below
	all     map[accountKey]*account
	changes []accountKey // those that are not written yet
}

func newAccounts(now func() time.Time) *accounts {
	return &accounts{now: now, all: map[accountKey]*account{}}
}

// load reads what was spent before; periods that are over are rolled when they
// are looked at.
func (a *accounts) load(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "SELECT budget, scope, name, period, start, amount FROM spent")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k accountKey
		var began, amount int64
		if err := rows.Scan(&k.budget, &k.scope, &k.name, &k.period, &began, &amount); err != nil {
			return fmt.Errorf("%w: %w", ErrFile, err)
		}
		a.all[k] = &account{start: time.Unix(0, began).UTC(), spent: amount}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	return nil
}

// current gives an account in its current period. What is held back for calls
// in flight goes over into the new period.
func (a *accounts) current(k accountKey) *account {
	began := start(k.period, a.now())
	got := a.all[k]
	if got == nil {
		got = &account{start: began}
		a.all[k] = got
	}
	if got.start.Before(began) {
		got.start, got.spent = began, 0
	}
	return got
}

// reserve holds back all amounts, or none.
func (a *accounts) reserve(asks []claimOn) (forward.Reservation, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ask := range asks {
		got := a.current(ask.key)
		used := got.spent + got.reserved
		if ask.amount > 0 && (used > ask.limit || ask.amount > ask.limit-used) {
			return nil, &forward.BudgetError{
				Name: ask.budget.Name, Scope: ask.key.scope, Key: ask.key.name, Window: ask.key.period,
				Limit: ask.limit, Spent: used, Asked: ask.amount, Resets: end(ask.key.period, got.start),
				Downgrade: ask.budget.OnExceeded == routes.Downgrade && ask.key.period != perMinute,
			}
		}
	}
	for _, ask := range asks {
		a.current(ask.key).reserved += ask.amount
	}
	return &reservation{accounts: a, asks: asks}, nil
}

// settle gives back what was held and books what was spent.
func (a *accounts) settle(asks []claimOn, cost, tokens int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ask := range asks {
		got := a.current(ask.key)
		got.reserved -= ask.amount
		spent := cost
		if ask.key.period == perMinute {
			spent = tokens
		}
		got.spent += spent
		if spent != 0 && !got.changed {
			got.changed = true
			a.changes = append(a.changes, ask.key)
		}
	}
}

// dirty takes the balances that are not written yet.
func (a *accounts) dirty() []balance {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.changes) == 0 {
		return nil
	}
	list := make([]balance, 0, len(a.changes))
	for _, k := range a.changes {
		if got := a.all[k]; got != nil {
			got.changed = false
			list = append(list, balance{key: k, start: got.start, amount: got.spent})
		}
	}
	a.changes = a.changes[:0]
	return list
}

// markDirty gives back balances that could not be written.
func (a *accounts) markDirty(list []balance) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range list {
		if got := a.all[b.key]; got != nil && !got.changed {
			got.changed = true
			a.changes = append(a.changes, b.key)
		}
	}
}

// sweep forgets accounts that have nothing in the current period.
func (a *accounts) sweep() {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	for k, got := range a.all {
		if got.reserved == 0 && !got.changed && got.start.Before(start(k.period, now)) {
			delete(a.all, k)
		}
	}
}
