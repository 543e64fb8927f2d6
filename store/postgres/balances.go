package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
)

// Balances implements store.Balances.
func (s *Store) Balances(ctx context.Context, f store.BalanceFilter) ([]store.Balance, error) {
	return all(ctx, s.Reader, func(row pgx.CollectableRow) (store.Balance, error) {
		var b store.Balance
		var start int64
		err := row.Scan(&b.Name, &b.Spent, &start)
		b.Resets = f.Period.End(timeOf(start))
		return b, err
	}, `SELECT name, amount, start FROM spent WHERE budget = $1 AND scope = $2 AND period = $3 AND $4 IN ('', name) AND start >= $5 AND amount > 0
		ORDER BY amount DESC, name COLLATE "C" LIMIT $6`,
		plain(f.Budget), plain(f.Scope), string(f.Period), plain(f.Name), f.Period.Start(s.config.Now()).UnixNano(), f.Most())
}
