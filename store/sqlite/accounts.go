package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/store"
)

// account is what was spent in the current period and what is held back for
// calls in flight. Neither is ever negative.
type account struct {
	start    time.Time
	spent    int64
	reserved int64
	changed  bool
}

// balance is an account as it is written to the file.
type balance struct {
	key    store.Account
	start  time.Time
	amount int64
}

// accounts are all accounts, in memory.
type accounts struct {
	now func() time.Time

	mu      sync.Mutex // protects the fields below
	all     map[store.Account]*account
	changes []store.Account // those that are not written yet
}

func newAccounts(now func() time.Time) *accounts {
	return &accounts{now: now, all: map[store.Account]*account{}}
}

// load reads what was spent before; periods that are over are rolled when they
// are looked at.
func (a *accounts) load(ctx context.Context, db *sql.DB, log zerolog.Logger) error {
	rows, err := db.QueryContext(ctx, "SELECT budget, scope, name, period, start, amount FROM spent")
	if err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k store.Account
		var began, amount int64
		if err := rows.Scan(&k.Budget, &k.Scope, &k.Name, (*string)(&k.Period), &began, &amount); err != nil {
			return fmt.Errorf("%w: %w", store.ErrUnusable, err)
		}
		if amount < 0 {
			log.Warn().Str("budget", k.Budget).Str(k.Scope, k.Name).Int64("spent", amount).
				Msg("the ledger says that a negative amount was spent, which cannot be: the budget begins anew")
		}
		a.all[k] = &account{start: time.Unix(0, began).UTC(), spent: max(amount, 0)}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	return nil
}

// current gives an account in its current period. What is held back for calls
// in flight goes over into the new period.
func (a *accounts) current(k store.Account) *account {
	began := k.Period.Start(a.now())
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
func (a *accounts) reserve(asks []store.Ask) (store.Hold, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, ask := range asks {
		got := a.current(ask.Account)
		used := store.Add(got.spent, got.reserved)
		if ask.Amount > 0 && (used > ask.Limit || ask.Amount > ask.Limit-used) {
			return nil, &store.ExceededError{Index: i, Ask: ask, Used: used, Resets: ask.Period.End(got.start)}
		}
	}
	for _, ask := range asks {
		got := a.current(ask.Account)
		got.reserved = store.Add(got.reserved, ask.Amount)
	}
	return &hold{accounts: a, asks: asks}, nil
}

// hold holds amounts back on some accounts.
type hold struct {
	accounts *accounts
	asks     []store.Ask
	once     sync.Once
}

var _ store.Hold = (*hold)(nil)

// Settle implements store.Hold.
func (h *hold) Settle(spent []int64) {
	h.once.Do(func() { h.accounts.settle(h.asks, spent) })
}

// settle gives back what was held and books what was spent.
func (a *accounts) settle(asks []store.Ask, spent []int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, ask := range asks {
		got := a.current(ask.Account)
		got.reserved = max(got.reserved-max(ask.Amount, 0), 0)
		if i >= len(spent) || spent[i] <= 0 {
			continue
		}
		got.spent = store.Add(got.spent, spent[i])
		if !got.changed {
			got.changed = true
			a.changes = append(a.changes, ask.Account)
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
		if got.reserved == 0 && !got.changed && got.start.Before(k.Period.Start(now)) {
			delete(a.all, k)
		}
	}
}
