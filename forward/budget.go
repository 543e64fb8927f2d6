package forward

import (
	"context"
	"fmt"
	"time"
)

// Claim is what a call may spend, before it is made.
type Claim struct {
	User, Team, Route string
	// Key and Allowance are those of the call.
	Key       string
	Allowance *Allowance
	// Cost is the most the call may cost in nano-dollars, as far as is known.
	Cost int64
	// Priced says whether Cost means anything.
	Priced bool
	// Tokens is the most input and output tokens.
	Tokens int64
}

// Allowance is what the calls of one key may spend together.
type Allowance struct {
	// USD is the limit of a window in nano-dollars, nil for none; Month makes the
	// window a month and not a day.
	USD   *int64
	Month bool
	// TokensPerMinute limits input and output tokens together; 0 is no limit.
	TokensPerMinute int64
}

// Reservation holds back what a call may spend until the call is over.
type Reservation interface {
	// Settle gives back what was held and books what was really spent. Only the
	// first call counts.
	Settle(cost, tokens int64)
}

// Budgets keeps spending within limits. It is safe for concurrent use: what is
// reserved counts as spent until it is settled, so that calls in flight never
// spend the same money twice.
type Budgets interface {
	// Reserve fails with a *BudgetError when a budget does not cover the claim,
	// with ErrUnpriced when a budget in USD applies to a claim without a price, and
	// with ErrBudgetUnknown while what keeps the budgets does not answer.
	Reserve(ctx context.Context, c Claim) (Reservation, error)
}

// BudgetError says which budget does not cover a call.
type BudgetError struct {
	// Name is the budget's.
	Name string
	// Scope is "user", "team", "route" or "key", Key whose budget it is.
	Scope, Key string
	// Window is "minute", "day" or "month".
	Window string
	// Limit, Spent and Asked are nano-dollars, or tokens for a minute's window.
	Limit, Spent, Asked int64
	// Resets is when the window ends.
	Resets time.Time
	// Downgrade: a cheaper model may be tried.
	Downgrade bool
}

func (e *BudgetError) Error() string {
	amount := FormatUSD
	if e.Window == "minute" {
		amount = func(n int64) string { return fmt.Sprintf("%d tokens", n) }
	}
	return fmt.Sprintf("%v: %s %q has used or reserved %s of %s this %s, the call may need %s; it resets at %s",
		ErrBudget, e.Scope, e.Key, amount(e.Spent), amount(e.Limit), e.Window, amount(e.Asked),
		e.Resets.UTC().Format(time.RFC3339))
}

// Unwrap makes it an ErrBudget.
func (e *BudgetError) Unwrap() error { return ErrBudget }
