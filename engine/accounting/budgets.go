package accounting

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
)

// Budgets holds spending within a catalog's limits. What was spent belongs to
// the accounts, so that it outlives a change of the catalog.
type Budgets struct {
	accounts store.Accounts
	limits   []routes.Budget
}

var _ forward.Budgets = (*Budgets)(nil)

// NewBudgets are those of a catalog over some accounts.
func NewBudgets(accounts store.Accounts, limits []routes.Budget) *Budgets {
	return &Budgets{accounts: accounts, limits: limits}
}

// Reserve implements forward.Budgets. All budgets that cover the claim must
// have room for it, or none is touched.
func (b *Budgets) Reserve(ctx context.Context, c forward.Claim) (forward.Reservation, error) {
	asks, of, err := b.asks(c)
	if err != nil {
		return nil, err
	}
	hold, err := b.accounts.Reserve(ctx, asks)
	var exceeded *store.ExceededError
	switch {
	case errors.As(err, &exceeded):
		return nil, refusal(exceeded, of[exceeded.Index])
	case errors.Is(err, store.ErrUnusable):
		return nil, fmt.Errorf("%w: %w", forward.ErrBudgetUnknown, err)
	case err != nil:
		return nil, err
	}
	return reservation{hold: hold, asks: asks}, nil
}

// asks are what a claim asks of which accounts, each beside its budget.
func (b *Budgets) asks(c forward.Claim) (asks []store.Ask, of []routes.Budget, err error) {
	limits := b.limits
	if a := c.Allowance; a != nil {
		limits = append(slices.Clip(limits), allowance(a))
	}
	for _, limit := range limits {
		name := c.User
		switch limit.Per {
		case routes.PerTeam:
			name = c.Team
		case routes.PerRoute:
			name = c.Route
		case routes.PerKey:
			name = c.Key
		}
		if limit.Match != "" && limit.Match != name {
			continue
		}
		account := store.Account{Budget: limit.Name, Scope: string(limit.Per), Name: name}
		if limit.USD != nil {
			if !c.Priced {
				return nil, nil, fmt.Errorf("%w, but the budget %q counts USD", forward.ErrUnpriced, limit.Name)
			}
			account.Period = store.Day
			if limit.Window == routes.Month {
				account.Period = store.Month
			}
			asks, of = append(asks, store.Ask{Account: account, Limit: *limit.USD, Amount: c.Cost}), append(of, limit)
		}
		if limit.TokensPerMinute > 0 {
			account.Period = store.Minute
			asks, of = append(asks, store.Ask{Account: account, Limit: limit.TokensPerMinute, Amount: c.Tokens}), append(of, limit)
		}
	}
	return asks, of, nil
}

// allowance is what a caller's key may spend, as a budget. Its name is none that
// a catalog can have.
func allowance(a *forward.Allowance) routes.Budget {
	limit := routes.Budget{Per: routes.PerKey, USD: a.USD, TokensPerMinute: a.TokensPerMinute, Window: routes.Day}
	if a.Month {
		limit.Window = routes.Month
	}
	return limit
}

// refusal says in forward's words which budget is spent.
func refusal(e *store.ExceededError, of routes.Budget) error {
	return &forward.BudgetError{
		Name: of.Name, Scope: e.Ask.Scope, Key: e.Ask.Name, Window: string(e.Ask.Period),
		Limit: e.Ask.Limit, Spent: e.Used, Asked: e.Ask.Amount, Resets: e.Resets,
		Downgrade: of.OnExceeded == routes.Downgrade && e.Ask.Period != store.Minute,
	}
}

// reservation holds amounts back on some accounts.
type reservation struct {
	hold store.Hold
	asks []store.Ask
}

var _ forward.Reservation = reservation{}

// Settle implements forward.Reservation.
func (r reservation) Settle(cost, tokens int64) {
	spent := make([]int64, len(r.asks))
	for i, ask := range r.asks {
		spent[i] = cost
		if ask.Period == store.Minute {
			spent[i] = tokens
		}
	}
	r.hold.Settle(spent)
}
