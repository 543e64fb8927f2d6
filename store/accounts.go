package store

import (
	"context"
	"fmt"
	"time"
)

// Accounts keep spending within limits. What is reserved counts as spent until
// it is settled, so that calls in flight never spend the same money twice.
type Accounts interface {
	// Reserve holds back all that is asked, or nothing: then the error is an
	// *ExceededError. Asking for 0 or less is always covered.
	Reserve(ctx context.Context, asks []Ask) (Hold, error)
}

// Account says whose spending is counted, of which budget, in which period.
// The amounts of a budget are nano-dollars or tokens, never both.
type Account struct {
	Budget string
	// Scope and Name say whose: user ann, team interns.
	Scope, Name string
	Period      Period
}

// Ask is what one reservation asks of one account.
type Ask struct {
	Account
	// Limit is what may be spent in a period, Amount what is to be held back.
	Limit, Amount int64
}

// Hold is what is held back until the call is over.
type Hold interface {
	// Settle gives back what was held and books what was really spent, an amount
	// for each ask in the same order. Negative amounts count as 0. Only the first
	// call counts.
	Settle(spent []int64)
}

// ExceededError says which account has no room.
type ExceededError struct {
	// Index is the place of Ask among those that were made.
	Index int
	Ask   Ask
	// Used is what is spent and held back.
	Used int64
	// Resets is when the period ends.
	Resets time.Time
}

func (e *ExceededError) Error() string {
	return fmt.Sprintf("%v: budget %q of %s %q has used %d of %d this %s, asked are %d", ErrExceeded,
		e.Ask.Budget, e.Ask.Scope, e.Ask.Name, e.Used, e.Ask.Limit, e.Ask.Period, e.Ask.Amount)
}

// Unwrap makes it an ErrExceeded.
func (e *ExceededError) Unwrap() error { return ErrExceeded }

// Period is how long spending counts: a calendar minute, day or month in UTC.
type Period string

// The periods.
const (
	Minute Period = "minute"
	Day    Period = "day"
	Month  Period = "month"
)

// Start is the beginning of the period that a time is in.
func (p Period) Start(at time.Time) time.Time {
	at = at.UTC()
	switch p {
	case Minute:
		return at.Truncate(time.Minute)
	case Month:
		return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
}

// End is when the period that began then is over.
func (p Period) End(start time.Time) time.Time {
	switch p {
	case Minute:
		return start.Add(time.Minute)
	case Month:
		return start.AddDate(0, 1, 0)
	}
	return start.AddDate(0, 0, 1)
}
