package forward

import "context"

// Claim is what a call may spend, before it is made.
type Claim struct {
	User, Team, Route string
	// Cost is the most the call may cost in nano-dollars, as far as is known.
	Cost int64
	// Priced says whether Cost means anything.
	Priced bool
	// Tokens is the most input and output tokens.
	Tokens int64
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
	// and with ErrUnpriced when a budget in USD applies to a claim without a
	// price.
	Reserve(ctx context.Context, c Claim) (Reservation, error)
}
