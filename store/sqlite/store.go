package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/backlog"
)

// Store is an open file. It is safe for concurrent use.
type Store struct {
	*Reader
	*backlog.Backlog
	small    *sql.DB // for changes other than records, see durably
	config   store.Config
	lock     *lock
	writer   *writer
	accounts *accounts
	replicas *replicas
	head     *headNumber
	closing  sync.Once
	closed   chan struct{}
	closeErr error
}

var _ store.Store = (*Store)(nil)

// Open opens the file, makes it when needed, and starts the writer. It fails
// with store.ErrInUse while another process has the file open for writing;
// OpenReader looks at it meanwhile.
func Open(ctx context.Context, path string, config store.Config) (*Store, error) {
	config, err := config.WithDefaults()
	if err == nil && path == "" {
		err = fmt.Errorf("%w: a path is needed", store.ErrConfig)
	}
	if err != nil {
		return nil, err
	}
	held, err := take(path, config.Now())
	if err != nil {
		return nil, err
	}
	s := &Store{
		config: config, lock: held, accounts: newAccounts(config.Now), replicas: newReplicas(), closed: make(chan struct{}),
	}
	if err := s.start(ctx, path); err != nil {
		return nil, errors.Join(err, held.release())
	}
	return s, nil
}

// start opens the file, reads what is needed and starts the writer.
func (s *Store) start(ctx context.Context, path string) (err error) {
	makePrivate(path, s.config.Log)
	db, err := openFile(ctx, path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	s.Reader = &Reader{db: db, version: schemaVersion}
	if s.head, err = newHeadNumber(ctx, db); err != nil {
		return err
	}
	key, err := hashKey(ctx, db)
	if err != nil {
		return err
	}
	if err := s.accounts.load(ctx, db, s.config.Log); err != nil {
		return err
	}
	if s.small, err = openDurable(path); err != nil {
		return err
	}
	if s.writer, err = newWriter(ctx, s); err != nil {
		return errors.Join(err, s.small.Close())
	}
	s.Backlog = backlog.Start(s.config, key, s.writer)
	return nil
}

// Reserve implements store.Accounts.
func (s *Store) Reserve(_ context.Context, asks []store.Ask) (store.Hold, error) {
	return s.accounts.reserve(asks)
}

// Close commits what is queued, closes the file and lets others open it.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.closed)
		lost := s.Backlog.Close()
		s.writer.release()
		s.closeErr = errors.Join(s.small.Close(), s.db.Close(), s.lock.release(), lost)
	})
	return s.closeErr
}

// Reader reads a file. It is safe for concurrent use.
type Reader struct {
	db      *sql.DB
	version int // of the file
}

var _ store.Reader = (*Reader)(nil)

// OpenReader opens an existing file to look at it only, also while another
// process writes it.
func OpenReader(ctx context.Context, path string) (*Reader, error) {
	db, version, err := openReadOnly(ctx, path)
	if err != nil {
		return nil, err
	}
	return &Reader{db: db, version: version}, nil
}

// has says whether the file is of a version or a later one.
func (r *Reader) has(version int) error {
	if r.version >= version {
		return nil
	}
	return fmt.Errorf("%w: it was written by an earlier version of this program; `serve` brings it up to date", store.ErrUnusable)
}

// Close closes the file.
func (r *Reader) Close() error { return r.db.Close() }
