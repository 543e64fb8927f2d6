package ledger

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

// The periods that an account counts in.
const (
	perMinute = "minute"
	perDay    = string(routes.Day)
	perMonth  = string(routes.Month)
)

// Budgets holds spending within a catalog's limits. What was spent belongs to
// the ledger, so that it outlives a change of the catalog.
type Budgets struct {
	ledger *Ledger
	limits []routes.Budget
}

var _ forward.Budgets = (*Budgets)(nil)

// Budgets are those of a catalog over this ledger.
func (l *Ledger) Budgets(limits []routes.Budget) *Budgets { return &Budgets{ledger: l, limits: limits} }

// claimOn is what a claim asks of one account.
type claimOn struct {
	key    accountKey
	limit  int64
	amount int64
	budget routes.Budget
}

// Reserve implements forward.Budgets. All budgets that cover the claim must
// have room for it, or none is touched.
func (b *Budgets) Reserve(_ context.Context, c forward.Claim) (forward.Reservation, error) {
	asks, err := b.asks(c)
	if err != nil {
		return nil, err
	}
	return b.ledger.accounts.reserve(asks)
}

// asks are the accounts that a claim touches.
func (b *Budgets) asks(c forward.Claim) ([]claimOn, error) {
	var asks []claimOn
	for _, limit := range b.limits {
		name := c.User
		switch limit.Per {
		case routes.PerTeam:
			name = c.Team
		case routes.PerRoute:
			name = c.Route
		}
		if limit.Match != "" && limit.Match != name {
			continue
		}
		key := accountKey{budget: limit.Name, scope: string(limit.Per), name: name}
		if limit.USD != nil {
			if !c.Priced {
				return nil, fmt.Errorf("%w, but the budget %q counts USD", forward.ErrUnpriced, limit.Name)
			}
			usd := key
			usd.period = perDay
			if limit.Window == routes.Month {
				usd.period = perMonth
			}
			asks = append(asks, claimOn{key: usd, limit: *limit.USD, amount: c.Cost, budget: limit})
		}
		if limit.TokensPerMinute > 0 {
			key.period = perMinute
			asks = append(asks, claimOn{key: key, limit: limit.TokensPerMinute, amount: c.Tokens, budget: limit})
		}
	}
	return asks, nil
}

// reservation holds amounts back on some accounts.
type reservation struct {
	accounts *accounts
	asks     []claimOn
	once     sync.Once
}

var _ forward.Reservation = (*reservation)(nil)

// Settle implements forward.Reservation.
func (r *reservation) Settle(cost, tokens int64) {
	r.once.Do(func() { r.accounts.settle(r.asks, cost, tokens) })
}

// start is the beginning of the period that a time is in, in UTC.
func start(period string, at time.Time) time.Time {
	at = at.UTC()
	switch period {
	case perMinute:
		return at.Truncate(time.Minute)
	case perMonth:
		return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
}

// end is when the period that began then is over.
func end(period string, start time.Time) time.Time {
	switch period {
	case perMinute:
		return start.Add(time.Minute)
	case perMonth:
		return start.AddDate(0, 1, 0)
	}
	return start.AddDate(0, 0, 1)
}
