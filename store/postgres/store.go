package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/backlog"
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	*Reader
	*backlog.Backlog
	config   store.Config
	accounts *accounts
	closing  sync.Once
	closeErr error
}

var _ store.Store = (*Store)(nil)

// Open connects, makes or updates the tables, and starts to write. It fails
// with store.ErrConfig for an address that is none, and with store.ErrUnusable
// where the database cannot be reached or is of a newer program.
func Open(ctx context.Context, address string, config store.Config) (*Store, error) {
	ownClock := config.Now != nil
	config, err := config.WithDefaults()
	if err != nil {
		return nil, err
	}
	r, err := connect(ctx, address)
	if err != nil {
		return nil, err
	}
	if ownClock {
		r.now = config.Now
	}
	key, err := r.prepare(ctx)
	if err != nil {
		r.pool.Close()
		return nil, fmt.Errorf("%s: %w", where(r.pool.Config().ConnConfig), unusable(ctx, err))
	}
	s := &Store{Reader: r, config: config, accounts: newAccounts(r, config, uuid.NewString())}
	s.Backlog = backlog.Start(config, key, &writer{Reader: r, config: config, name: uuid.NewString()})
	return s, nil
}

// prepare makes the tables and gives the store's key.
func (r *Reader) prepare(ctx context.Context) ([]byte, error) {
	if err := r.migrate(ctx); err != nil {
		return nil, err
	}
	return r.hashKey(ctx)
}

// Reserve implements store.Accounts. It asks the database only where what is
// leased to this replica does not cover the asks.
func (s *Store) Reserve(ctx context.Context, asks []store.Ask) (store.Hold, error) {
	return s.accounts.reserve(ctx, asks)
}

// Stats implements store.Ledger.
func (s *Store) Stats() store.Stats {
	stats := s.Backlog.Stats()
	if stats.Failing == "" {
		stats.Failing = s.accounts.failing()
	}
	return stats
}

// Close keeps what is queued, gives back what is leased, and disconnects.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.closeErr = errors.Join(s.Backlog.Close(), s.accounts.close())
		s.end()
		s.pool.Close()
	})
	return s.closeErr
}

// Reader reads a database. It is safe for concurrent use.
type Reader struct {
	pool   *pgxpool.Pool
	schema string
	now    clock
	// open ends when the store is closed, and with it whoever watches or waits.
	open context.Context //nolint:containedctx // it is the life of the store
	end  context.CancelFunc
}

var (
	_ store.Reader  = (*Reader)(nil)
	_ store.Records = (*Reader)(nil)
)

// OpenReader connects to look only: it makes and changes nothing.
func OpenReader(ctx context.Context, address string) (*Reader, error) {
	r, err := connect(ctx, address)
	if err != nil {
		return nil, err
	}
	if err := r.upToDate(ctx); err != nil {
		r.pool.Close()
		return nil, fmt.Errorf("%s: %w", where(r.pool.Config().ConnConfig), unusable(ctx, err))
	}
	return r, nil
}

// connect makes sure that there is a database.
func connect(ctx context.Context, address string) (*Reader, error) {
	config, schema, err := parse(address)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err == nil {
		err = pool.Ping(ctx)
	}
	if err != nil {
		if pool != nil {
			pool.Close()
		}
		return nil, fmt.Errorf("%s: %w", where(config.ConnConfig), unusable(ctx, err))
	}
	r := &Reader{pool: pool, schema: schema}
	r.open, r.end = context.WithCancel(context.Background())
	return r, nil
}

// Close disconnects.
func (r *Reader) Close() error {
	r.end()
	r.pool.Close()
	return nil
}
