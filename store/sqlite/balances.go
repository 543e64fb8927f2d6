package sqlite

import (
	"cmp"
	"context"
	"slices"

	"github.com/semroute/semroute/store"
)

// Balances implements store.Balances.
func (s *Store) Balances(_ context.Context, f store.BalanceFilter) ([]store.Balance, error) {
	return s.accounts.balances(f), nil
}

func (a *accounts) balances(f store.BalanceFilter) []store.Balance {
	a.mu.Lock()
	defer a.mu.Unlock()
	start := f.Period.Start(a.now())
	var list []store.Balance
	for k, got := range a.all {
		if k.Budget != f.Budget || k.Scope != f.Scope || k.Period != f.Period || f.Name != "" && k.Name != f.Name {
			continue
		}
		if got.spent > 0 && !got.start.Before(start) {
			list = append(list, store.Balance{Name: k.Name, Spent: got.spent, Resets: f.Period.End(got.start)})
		}
	}
	slices.SortFunc(list, func(x, y store.Balance) int {
		return cmp.Or(cmp.Compare(y.Spent, x.Spent), cmp.Compare(x.Name, y.Name))
	})
	return list[:min(len(list), f.Most())]
}
