package store

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// KeptRevisions is how many revisions are kept; the oldest go first.
	KeptRevisions = 200
	// maxCatalogBytes bounds the catalog of a revision.
	maxCatalogBytes = 256 << 20
	maxRemarkBytes  = 4096
)

// Revisions keeps the versions of a catalog. Each is whole or not there, and
// durable when AddRevision returns.
type Revisions interface {
	// AddRevision appends one after the head that the caller knows, by its
	// number, 0 for none; where the head is another, nothing changes and the error
	// is an ErrStale. It gives the revision with its number, the head's plus one.
	AddRevision(ctx context.Context, head int64, r Revision) (Revision, error)
	// Revision is that of a number, or an ErrNotFound.
	Revision(ctx context.Context, number int64) (Revision, error)
	// HeadRevision is the newest, or an ErrNotFound.
	HeadRevision(ctx context.Context) (Revision, error)
	// Revisions are the newest below a number (0 for all), newest first and
	// without their catalogs, at most limit; 0, and more, is MaxListed.
	Revisions(ctx context.Context, below int64, limit int) ([]Revision, error)
	// WatchRevisions tells the head's number, 0 for none, at once and whenever it
	// has changed, at most 2 s after the change also where another process made
	// it, until ctx ends. Heads that are replaced quickly may be left out; the
	// last never is. tell is called by one goroutine at a time; while the store
	// cannot be reached, nothing is told.
	WatchRevisions(ctx context.Context, tell func(head int64))
}

// Revision is one version of a catalog.
type Revision struct {
	// Number is given by the store: 1, 2, 3…
	Number int64
	// Etag identifies the content as its author chose, 1 to 256 bytes.
	Etag string
	// Catalog is YAML, UTF-8, at most 256 MiB.
	Catalog string
	// Author and Cause say who made it and why, at most 4 KiB each.
	Author, Cause string
	// Time is when it was made.
	Time time.Time
}

// MostRevisions is the limit in force where so many are asked for.
func MostRevisions(limit int) int { return most(limit) }

// Check is nil for what can be kept, otherwise an ErrInvalid.
func (r *Revision) Check() error {
	if err := checkName("etag", r.Etag); err != nil {
		return err
	}
	for what, text := range map[string]string{"author": r.Author, "cause": r.Cause} {
		if len(text) > maxRemarkBytes || !plain(text) {
			return fmt.Errorf("%w: the %s must be UTF-8 without zero bytes, at most %d bytes", ErrInvalid, what, maxRemarkBytes)
		}
	}
	if len(r.Catalog) > maxCatalogBytes || !plain(r.Catalog) {
		return fmt.Errorf("%w: a catalog must be UTF-8 without zero bytes, at most %d bytes", ErrInvalid, maxCatalogBytes)
	}
	return nil
}

// plain holds for what every database takes as text.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
