package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/forward"
)

// Defaults of Config.
const (
	defaultFlushEvery = 50 * time.Millisecond
	defaultQueue      = 1 << 16
	defaultPruneEvery = time.Minute
)

// The kinds of failure.
var (
	// ErrConfig: the ledger cannot be opened like this.
	ErrConfig = errors.New("invalid ledger configuration")
	// ErrFile: the file cannot be read or is not a ledger.
	ErrFile = errors.New("ledger file is not usable")
	// ErrClosed: the ledger was closed.
	ErrClosed = errors.New("ledger is closed")
)

// Config says where and how records are kept; a field that is 0 has its
// default.
type Config struct {
	// Path is the file; it is made when it does not exist, for its owner only.
	Path string
	// Prompts says what is stored of a prompt; "" is NoPrompts.
	Prompts Prompts
	// FlushEvery (50 ms) is how often records are committed, at most 200 ms.
	FlushEvery time.Duration
	// Queue (65536) is how many records wait for the disk before they are lost.
	Queue int
	// MaxAge and MaxBytes bound what is kept; 0 means no bound. The oldest
	// records go first. PruneEvery (1 min) is how often that is looked after.
	MaxAge     time.Duration
	MaxBytes   int64
	PruneEvery time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

const maxFlushEvery = 200 * time.Millisecond

func (c Config) withDefaults() (Config, error) {
	if c.Path == "" {
		return c, fmt.Errorf("%w: a path is needed", ErrConfig)
	}
	if c.Prompts == "" {
		c.Prompts = NoPrompts
	}
	if !c.Prompts.known() {
		return c, fmt.Errorf("%w: prompts must be none, hash, redact or full, not %q", ErrConfig, c.Prompts)
	}
	if c.FlushEvery <= 0 {
		c.FlushEvery = defaultFlushEvery
	}
	c.FlushEvery = min(c.FlushEvery, maxFlushEvery)
	if c.Queue <= 0 {
		c.Queue = defaultQueue
	}
	if c.PruneEvery <= 0 {
		c.PruneEvery = defaultPruneEvery
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// Ledger is an open file. It is safe for concurrent use.
type Ledger struct {
	*Reader
	config   Config
	prompts  keeper
	accounts *accounts
	queue    chan *forward.Record
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

var _ forward.Log = (*Ledger)(nil)

// Open opens the file, makes it when needed, and starts the writer. Only one
// process may have a file open for writing; OpenReader looks at it meanwhile.
func Open(ctx context.Context, config Config) (*Ledger, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	db, err := openFile(ctx, config.Path)
	if err != nil {
		return nil, err
	}
	l := &Ledger{
		Reader: &Reader{db: db}, config: config, accounts: newAccounts(config.Now),
		queue: make(chan *forward.Record, config.Queue), syncs: make(chan chan error),
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	if err := l.start(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

// start reads what is needed and starts the writer.
func (l *Ledger) start(ctx context.Context) error {
	key, err := hashKey(ctx, l.db)
	if err != nil {
		return err
	}
	l.prompts = keeper{policy: l.config.Prompts, key: key}
	if err := l.accounts.load(ctx, l.db); err != nil {
		return err
	}
	w, err := newWriter(ctx, l)
	if err != nil {
		return err
	}
	go w.run()
	return nil
}

// Append implements forward.Log. A record that finds the queue full, or the
// ledger closed, is lost and counted.
func (l *Ledger) Append(r forward.Record) {
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		l.lost.Add(1)
		return
	}
	select {
	case l.queue <- &r:
	default:
		l.lost.Add(1)
	}
}

// Sync returns when everything appended before is committed.
func (l *Ledger) Sync(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case l.syncs <- done:
	case <-l.stopped:
		return ErrClosed
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

// Stats say how the ledger is doing.
type Stats struct {
	// Written and Lost count records since Open.
	Written, Lost int64
	// Waiting is how many records are in the queue.
	Waiting int
	// LastError is the disk's last failure, "" when there was none.
	LastError string
}

// Stats are those of this moment.
func (l *Ledger) Stats() Stats {
	s := Stats{Written: l.written.Load(), Lost: l.lost.Load(), Waiting: len(l.queue)}
	if text := l.lastErr.Load(); text != nil {
		s.LastError = *text
	}
	return s
}

// Close commits what is queued and closes the file. Further records are lost.
func (l *Ledger) Close() error {
	l.gate.Lock()
	already := l.closed
	l.closed = true
	l.gate.Unlock()
	if already {
		return nil
	}
	close(l.stop)
	<-l.stopped
	err := l.db.Close()
	if lost := l.lost.Load(); lost > 0 {
		err = errors.Join(err, fmt.Errorf("%d records were lost: %s", lost, l.Stats().LastError))
	}
	return err
}

// Reader reads a ledger. It is safe for concurrent use.
type Reader struct{ db *sql.DB }

// OpenReader opens an existing ledger to look at it only, also while another
// process writes it.
func OpenReader(ctx context.Context, path string) (*Reader, error) {
	db, err := openReadOnly(ctx, path)
	if err != nil {
		return nil, err
	}
	return &Reader{db: db}, nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.db.Close() }
