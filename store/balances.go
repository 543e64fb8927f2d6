package store

import (
	"context"
	"time"
)

// Balances tell what accounts have spent.
type Balances interface {
	// Balances are the accounts that have spent something in the present period,
	// the most first, equal ones by name. What is held back for calls in flight is
	// not in it; what other replicas spent is, some seconds later.
	Balances(ctx context.Context, f BalanceFilter) ([]Balance, error)
}

// BalanceFilter says whose accounts; only Name may be empty, for all.
type BalanceFilter struct {
	Budget, Scope string
	Period        Period
	Name          string
	// Limit is how many there are at most; 0, and more, is MaxListed.
	Limit int
}

// Most is the limit in force.
func (f BalanceFilter) Most() int { return most(f.Limit) }

// Balance is what an account has spent, in nano-dollars or tokens.
type Balance struct {
	Name  string
	Spent int64
	// Resets is when the period ends.
	Resets time.Time
}
