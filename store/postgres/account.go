package postgres

import (
	"time"

	"github.com/semroute/semroute/store"
)

// account is one budget's account as this replica sees it: what the database
// has leased to it, and what of that is in use. Amounts are never negative.
type account struct {
	// key names the lease in the database. It is never used again for another
	// account object, because total counts from 0.
	key string
	// start is of the period that the lease is of, within the limit that was asked
	// with; limit is what is asked with next.
	start         time.Time
	within, limit int64

	// lease may be spent until the moment until; reserved of it is held by calls in
	// flight. total is what was spent in all, booked how much of it the database
	// knows: the difference is of the lease too.
	lease, reserved int64
	until           time.Time
	total, booked   int64

	// recent is what was asked for since the last tick, before in the second
	// before that: they say how much to lease beyond the need. used is when.
	recent, before int64
	used           time.Time
	dirty          bool
}

// unbooked is what was spent and the database does not know yet.
func (a *account) unbooked() int64 { return a.total - a.booked }

// free is what may be reserved in a period without asking the database.
func (a *account) free(now time.Time, period time.Time) int64 {
	if !now.Before(a.until) || a.start.Before(period) || a.limit != a.within {
		return 0
	}
	return max(0, a.lease-store.Add(a.reserved, a.unbooked()))
}

// spare is what is to be leased beyond the need: what was asked for lately,
// twice, so that the next calls need not wait.
func (a *account) spare() int64 {
	lately := max(a.recent, a.before)
	return store.Add(lately, lately)
}

// idle says that the account can be forgotten: nothing of it is held or unknown
// to the database.
func (a *account) idle(now time.Time) bool {
	return a.reserved == 0 && a.unbooked() == 0 && (a.lease == 0 || !now.Before(a.until)) && now.Sub(a.used) > forgetAfter
}

// asked is what one round trip asks for an account, and what came back.
type asked struct {
	id   store.Account
	of   *account
	want int64

	// As sent: a snapshot of the account.
	key                           string
	start                         time.Time
	total, reserved, spare, limit int64
	// As answered.
	spent, others, leased int64
	granted               bool
}

// send takes the snapshot. Until the answer is there, no more is reserved than
// the lease that is asked for, because what the lease has too much goes back.
func (a *asked) send(now time.Time) {
	of := a.of
	a.key, a.total, a.reserved, a.spare, a.limit = of.key, of.total, of.reserved, of.spare(), of.limit
	a.start = a.id.Period.Start(now)
	of.lease = min(of.lease, store.Add(store.Add(of.reserved, of.unbooked()), a.spare))
	of.dirty = false
}

// take puts the answer in place. The lease was good from the moment at which it
// was asked for.
func (a *asked) take(sent time.Time) {
	of := a.of
	of.booked = max(of.booked, a.total)
	of.lease, of.within, of.until, of.start = a.leased, a.limit, sent.Add(leaseTime-leaseMargin), a.start
}

// exceeded is what an ask is refused with.
func (a *asked) exceeded(index int, ask store.Ask) *store.ExceededError {
	return &store.ExceededError{
		Index: index, Ask: ask, Used: store.Add(store.Add(a.spent, a.others), a.reserved), Resets: ask.Period.End(a.start),
	}
}
