package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/semroute/semroute/store"
)

// Store is an open file. It is safe for concurrent use.
type Store struct {
	*Reader
	small    *sql.DB // for changes other than records, see durably
	config   store.Config
	key      []byte // for hashes of prompts
	lock     *lock
	accounts *accounts
	replicas *replicas
	head     *headNumber
	queue    chan *store.Record
	held     atomic.Int64 // bytes of what is queued or being written
	syncs    chan chan error
	stop     chan struct{}
	stopped  chan struct{}

	// gate lets Close wait for those that are appending.
	gate   sync.RWMutex
	closed bool

	written atomic.Int64
	lost    atomic.Int64
	lastErr atomic.Pointer[string]
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
		config: config, lock: held, accounts: newAccounts(config.Now), replicas: newReplicas(),
		queue: make(chan *store.Record, config.Queue), syncs: make(chan chan error),
		stop: make(chan struct{}), stopped: make(chan struct{}),
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
	if s.key, err = hashKey(ctx, db); err != nil {
		return err
	}
	if err := s.accounts.load(ctx, db, s.config.Log); err != nil {
		return err
	}
	if s.small, err = openDurable(path); err != nil {
		return err
	}
	w, err := newWriter(ctx, s)
	if err != nil {
		return errors.Join(err, s.small.Close())
	}
	go w.run()
	return nil
}

// Append implements store.Ledger. What may not be stored of a prompt is let go
// of here.
func (s *Store) Append(r store.Record) {
	r = r.Allowed(s.config.Prompts, s.key)
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		s.lost.Add(1)
		return
	}
	size := r.Bytes()
	if s.held.Add(size) > s.config.QueueBytes {
		s.full(size)
		return
	}
	select {
	case s.queue <- &r:
	default:
		s.full(size)
	}
}

// full counts a record that finds no room.
func (s *Store) full(size int64) {
	waiting := s.held.Add(-size)
	s.lost.Add(1)
	s.failed(fmt.Errorf("no room in the queue: %d records of %d bytes wait for the disk, at most %d of %d bytes may",
		len(s.queue), waiting, s.config.Queue, s.config.QueueBytes))
}

// failed keeps the reason of a loss.
func (s *Store) failed(err error) {
	text := err.Error()
	s.lastErr.Store(&text)
}

// Sync implements store.Ledger.
func (s *Store) Sync(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case s.syncs <- done:
	case <-s.stopped:
		return store.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stats implements store.Ledger.
func (s *Store) Stats() store.Stats {
	stats := store.Stats{Written: s.written.Load(), Lost: s.lost.Load(), Waiting: len(s.queue), WaitingBytes: s.held.Load()}
	if text := s.lastErr.Load(); text != nil {
		stats.LastError = *text
	}
	return stats
}

// Reserve implements store.Accounts.
func (s *Store) Reserve(_ context.Context, asks []store.Ask) (store.Hold, error) {
	return s.accounts.reserve(asks)
}

// Close commits what is queued, closes the file and lets others open it.
func (s *Store) Close() error {
	s.gate.Lock()
	already := s.closed
	s.closed = true
	s.gate.Unlock()
	if already {
		return nil
	}
	close(s.stop)
	<-s.stopped
	err := errors.Join(s.small.Close(), s.db.Close(), s.lock.release())
	if stats := s.Stats(); stats.Lost > 0 {
		err = errors.Join(err, fmt.Errorf("%d records were lost: %s", stats.Lost, stats.LastError))
	}
	return err
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
