package revision

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
)

var (
	// ErrFiles: the catalog comes from files, which win over all else.
	ErrFiles = errors.New("the catalog comes from files: change those, or serve with --source store")
	// ErrStale: the catalog is not as the caller thinks; see *StaleError.
	ErrStale = errors.New("the catalog has changed since it was read")
	// ErrNoRevision: there is no such revision, or none any more.
	ErrNoRevision = errors.New("there is no such revision")
	// ErrKeep: the revision could not be kept, so nothing has changed.
	ErrKeep = errors.New("the revision cannot be kept")
)

// StaleError is an ErrStale with the catalog's head as it is.
type StaleError struct{ Head Revision }

// Error implements error.
func (e *StaleError) Error() string {
	return fmt.Sprintf("%v: it is revision %d with etag %s now", ErrStale, e.Head.Number, e.Head.Etag)
}

// Unwrap gives ErrStale.
func (e *StaleError) Unwrap() error { return ErrStale }

// Revision is one version of the catalog, without its content.
type Revision struct {
	// Number counts from 1; of files only those that this process has served.
	Number int64
	// Etag identifies the content.
	Etag          string
	Author, Cause string
	Time          time.Time
}

// Config says what a Source works with.
type Config struct {
	Engine *engine.Engine
	// Store keeps the revisions; nil where the catalog comes from files.
	Store Store
	// Load reads the files; nil where there are none.
	Load func() (*routes.Catalog, error)
	// Checks are those of routes.Loader.
	Checks []func(*routes.Catalog) routes.Problems
	Log    zerolog.Logger
}

// Source is the catalog of a running server and its history. It is safe for
// concurrent use.
type Source struct {
	engine  *engine.Engine
	store   Store // nil for files
	history history
	load    func() (*routes.Catalog, error)
	editor  edit.Editor
	log     zerolog.Logger
	writing chan struct{} // holds a token while somebody changes the catalog
	now     atomic.Pointer[served]
}

// served is a revision with its content.
type served struct {
	Revision
	catalog *routes.Catalog
	yaml    []byte // nil where it is not written yet
}

// New makes the source of an engine that was made with a catalog: that of
// Begin for a store, that of the files otherwise.
func New(c Config, first First) *Source {
	s := &Source{
		engine: c.Engine, store: c.Store, load: c.Load, editor: edit.Editor{Checks: c.Checks}, log: c.Log,
		writing: make(chan struct{}, 1),
	}
	now := served{Revision: first.Revision, catalog: first.Catalog, yaml: first.yaml}
	if c.Store == nil {
		files := &fileHistory{}
		now = files.add(first.Catalog, "", "its files")
		s.history = files
	} else {
		s.history = &storeHistory{store: c.Store, editor: s.editor}
	}
	s.now.Store(&now)
	return s
}

// FromFiles says that files win, and that changes are refused.
func (s *Source) FromFiles() bool { return s.store == nil }

// Now is the catalog in place and its revision.
func (s *Source) Now() (*routes.Catalog, Revision) {
	now := s.now.Load()
	return now.catalog, now.Revision
}

// Revisions are the newest below a number, 0 for all, newest first.
func (s *Source) Revisions(ctx context.Context, below int64, limit int) ([]Revision, error) {
	return s.history.list(ctx, below, limit)
}

// Revision is that of a number with its content as YAML, or an ErrNoRevision.
func (s *Source) Revision(ctx context.Context, number int64) (Revision, []byte, error) {
	r, err := s.history.get(ctx, number)
	if err != nil {
		return Revision{}, nil, err
	}
	yaml, err := s.yamlOf(&r)
	return r.Revision, yaml, err
}

// Export is the catalog in place as YAML.
func (s *Source) Export() (Revision, []byte, error) {
	now := *s.now.Load()
	yaml, err := s.yamlOf(&now)
	return now.Revision, yaml, err
}

// lock waits until nobody else changes the catalog.
func (s *Source) lock(ctx context.Context) error {
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Source) unlock() { <-s.writing }
