package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

const (
	// leaseTime is how long a lease holds in the database, leaseMargin how much
	// earlier its replica stops to use it, tickEvery how often leases are renewed
	// and what is not needed goes back.
	leaseTime   = 30 * time.Second
	leaseMargin = 5 * time.Second
	tickEvery   = time.Second
	// leaseMemory is how long is remembered what a lease has booked, should its
	// replica come back.
	leaseMemory = 24 * time.Hour
	forgetAfter = 10 * time.Minute
	// askWithin bounds one round trip, syncedAtOnce how many accounts are in it.
	askWithin    = 2 * time.Second
	syncedAtOnce = 200
)

// accounts are all accounts of a replica. Calls spend from leases, and what they
// have spent is booked behind them.
type accounts struct {
	db   *Reader
	now  func() time.Time
	name string
	turn chan struct{} // holds who is asking the database
	wake chan struct{}
	stop chan struct{}
	done chan struct{}

	mu    sync.Mutex // protects the fields below
	all   map[store.Account]*account
	count int // of account objects, for their keys
	// down is why the database was not reached; it is not asked before again.
	down  error
	pause time.Duration
	again time.Time
}

func newAccounts(db *Reader, config store.Config, name string) *accounts {
	a := &accounts{
		db: db, now: config.Now, name: name, all: map[store.Account]*account{},
		turn: make(chan struct{}, 1), wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go a.run()
	return a
}

// reserve holds back all amounts, or none.
func (a *accounts) reserve(ctx context.Context, asks []store.Ask) (store.Hold, error) {
	for {
		if a.reserveLocally(asks) == nil {
			return &hold{accounts: a, asks: asks}, nil
		}
		reserved, err := a.reserveByTurn(ctx, asks)
		if err != nil {
			return nil, err
		}
		if reserved {
			return &hold{accounts: a, asks: asks}, nil
		}
	}
}

// reserveByTurn reserves what the answers to others cover by now, or asks the
// database for what is wanted. It fails with an *ExceededError where there is no
// room for it.
func (a *accounts) reserveByTurn(ctx context.Context, asks []store.Ask) (reserved bool, err error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	wanted := a.reserveLocally(asks)
	if wanted == nil {
		return true, nil
	}
	if err := a.isDown(); err != nil {
		return false, err
	}
	if err := a.sync(ctx, wanted); err != nil {
		return false, err
	}
	for i, ask := range asks {
		for _, w := range wanted {
			if w.id == ask.Account && ask.Amount > 0 && !w.granted {
				return false, w.exceeded(i, ask)
			}
		}
	}
	return false, nil
}

// reserveLocally reserves all amounts where the leases cover them; otherwise it
// says what of which accounts is wanted.
func (a *accounts) reserveLocally(asks []store.Ask) []*asked {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	var short []*asked
	wants := map[store.Account]*asked{}
	for _, ask := range asks {
		if ask.Amount <= 0 {
			continue
		}
		want := wants[ask.Account]
		if want == nil {
			want = &asked{id: ask.Account, of: a.account(ask.Account)}
			wants[ask.Account] = want
			short = append(short, want)
		}
		want.want = store.Add(want.want, ask.Amount)
		want.of.limit = ask.Limit
	}
	covered := true
	for id, want := range wants {
		covered = covered && want.of.free(time.Now(), id.Period.Start(now)) >= want.want
	}
	if !covered {
		return short
	}
	for _, want := range wants {
		want.of.reserved = store.Add(want.of.reserved, want.want)
		want.of.recent = store.Add(want.of.recent, want.want)
		want.of.used = time.Now()
	}
	return nil
}

// account is the one of a name, made where it is needed.
func (a *accounts) account(id store.Account) *account {
	got := a.all[id]
	if got == nil {
		a.count++
		got = &account{key: fmt.Sprintf("%s/%d", a.name, a.count)}
		a.all[id] = got
	}
	return got
}

// isDown is an error shortly after the database did not answer, so that callers
// do not queue up behind it.
func (a *accounts) isDown() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.down == nil || time.Now().After(a.again) {
		return nil
	}
	return a.down
}

// sync is one round trip: it books what was spent and renews the leases. The
// caller has the turn.
func (a *accounts) sync(ctx context.Context, list []*asked) error {
	sent := time.Now()
	a.mu.Lock()
	for _, one := range list {
		one.send(a.now())
	}
	a.mu.Unlock()
	sortAsked(list) // all replicas lock accounts in the same order
	short, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	err := a.db.change(short, func(ctx context.Context, tx pgx.Tx) error { return a.db.syncAccounts(ctx, tx, list) })
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		for _, one := range list {
			one.of.dirty = true
		}
		if ctx.Err() != nil { // the caller's own end says nothing of the database
			return ctx.Err()
		}
		return a.failed(err)
	}
	a.down, a.pause = nil, 0
	for _, one := range list {
		one.take(sent)
	}
	return nil
}

// failed remembers that the database did not answer. The caller has the lock.
func (a *accounts) failed(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w: no answer within %s", store.ErrUnusable, askWithin)
	}
	a.down = fmt.Errorf("the budgets' database cannot be asked: %w", err)
	a.pause = min(max(2*a.pause, 100*time.Millisecond), 5*time.Second)
	a.again = time.Now().Add(a.pause)
	return a.down
}

// failing is why the database cannot be asked; "" while it can.
func (a *accounts) failing() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.down == nil {
		return ""
	}
	return a.down.Error()
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

// settle gives back what was held and has booked what was spent.
func (a *accounts) settle(asks []store.Ask, spent []int64) {
	a.mu.Lock()
	for i, ask := range asks {
		got := a.account(ask.Account)
		got.reserved = max(got.reserved-max(ask.Amount, 0), 0)
		got.used = time.Now()
		if i < len(spent) && spent[i] > 0 {
			got.total = store.Add(got.total, spent[i])
			got.limit, got.dirty = ask.Limit, true
		}
	}
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}
