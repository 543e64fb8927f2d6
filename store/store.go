package store

import (
	"context"
	"errors"
	"io"
	"time"
)

// The kinds of failure.
var (
	// ErrConfig: the store cannot be opened like this.
	ErrConfig = errors.New("invalid ledger configuration")
	// ErrUnusable: what is stored there cannot be read, or is no store.
	ErrUnusable = errors.New("ledger is not usable")
	// ErrInUse: another process writes it; the text says which.
	ErrInUse = errors.New("ledger is in use")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("ledger is closed")
	// ErrExceeded: an account has no room for what is asked; see *ExceededError.
	ErrExceeded = errors.New("account is spent")
	// ErrNotFound: nothing is kept there.
	ErrNotFound = errors.New("not in the store")
	// ErrStale: what the caller builds on has been replaced.
	ErrStale = errors.New("replaced meanwhile")
	// ErrExists: the name is taken.
	ErrExists = errors.New("already in the store")
	// ErrInvalid: no store keeps this; the text says why.
	ErrInvalid = errors.New("cannot be stored")
)

// Store keeps all that must outlive a process, and what several replicas must
// agree on. It is safe for concurrent use. Who needs a part of it asks for that
// part's interface.
type Store interface {
	Ledger
	Reader
	Records
	Timelines
	Accounts
	Balances
	FeedbackLog
	Revisions
	Values
	Keys
	Locks
	Heartbeats
	// Close keeps what is queued; further records are lost. It says so when
	// records were lost before.
	io.Closer
}

// Ledger takes records.
type Ledger interface {
	// Append queues a record and never blocks. One that finds no room in the
	// queue, or the store closed, is lost and counted.
	Append(r Record)
	// Sync returns when everything appended before is kept, or lost and counted.
	// Its error is the disk's, the context's, or ErrClosed.
	Sync(ctx context.Context) error
	Stats() Stats
}

// Reader reads what was kept. Numbers that cannot be right never keep it from
// reading the rest.
type Reader interface {
	// Report sums up the records that are not older than since.
	Report(ctx context.Context, since time.Time) (Report, error)
	// Export writes records as JSON lines, oldest first, and says how many. A
	// line has "text" (when the prompt was stored), "route" ("" for none) and
	// "record", the record's Body.
	Export(ctx context.Context, w io.Writer, f Filter) (int, error)
}

// Filter says what is exported.
type Filter struct {
	// Since leaves out older records; the zero time takes all.
	Since time.Time
	// WithText leaves out records without a text, which cannot be evaluated.
	WithText bool
}

// Stats say how a store is doing.
type Stats struct {
	// Written and Lost count records since the store was opened.
	Written, Lost int64
	// Waiting is how many records are not kept yet, WaitingBytes how much memory
	// they take.
	Waiting      int
	WaitingBytes int64
	// LastError is why records were last lost or the disk last failed, "" when
	// neither happened.
	LastError string
	// Failing is why nothing can be kept now: records wait, and decisions go on.
	// "" while all is well.
	Failing string
}
