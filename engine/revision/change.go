package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
	"github.com/semroute/semroute/store"
)

// Change is what is to become of the catalog.
type Change struct {
	// Changes are made in order, all or none.
	Changes []edit.Change
	// Etag is that of the catalog that they were made for; "" is whatever there is.
	Etag          string
	Author, Cause string
}

// Applied is what came of a change.
type Applied struct {
	Revision
	// Fingerprint is that of the generation in place.
	Fingerprint string
	// Unchanged says that the catalog was like that already.
	Unchanged bool
	Warnings  []routes.Problem
}

// maxTries bounds how often a change is made anew because another process was
// quicker.
const maxTries = 5

// Apply makes a revision of the changes and serves it. When it fails nothing has
// changed: with ErrFiles, a *StaleError, those of edit.Editor, ErrKeep, or why
// the generation could not be built or was refused.
func (s *Source) Apply(ctx context.Context, c Change) (Applied, error) {
	if s.FromFiles() {
		return Applied{}, ErrFiles
	}
	if err := s.lock(ctx); err != nil {
		return Applied{}, err
	}
	defer s.unlock()
	for range maxTries {
		head, err := s.head(ctx)
		if err != nil {
			return Applied{}, err
		}
		if c.Etag != "" && c.Etag != head.Etag {
			return Applied{}, &StaleError{Head: head.Revision}
		}
		result, err := s.editor.Apply(head.catalog, c.Changes)
		if err != nil {
			return Applied{}, err
		}
		applied, err := s.put(ctx, head, result.Catalog, result.YAML, c.Author, c.Cause)
		if !errors.Is(err, store.ErrStale) {
			return applied, err
		}
	}
	head, err := s.head(ctx)
	if err != nil {
		return Applied{}, err
	}
	return Applied{}, &StaleError{Head: head.Revision}
}

// head is the newest revision of the store.
func (s *Source) head(ctx context.Context) (served, error) {
	newest, err := s.store.Revisions(ctx, 0, 1)
	if err != nil {
		return served{}, fmt.Errorf("reading the catalog's revisions: %w", err)
	}
	if now := s.now.Load(); len(newest) == 1 && newest[0].Number == now.Number {
		return *now, nil
	}
	r, err := s.store.HeadRevision(ctx)
	if err != nil {
		return served{}, fmt.Errorf("reading the catalog's revisions: %w", err)
	}
	return (&storeHistory{store: s.store, editor: s.editor}).read(r)
}

// put serves a catalog as the revision after head, which it becomes at the last
// moment before the swap.
func (s *Source) put(ctx context.Context, head served, catalog *routes.Catalog, yaml []byte, author, cause string) (Applied, error) {
	return s.putBy(ctx, head, catalog, yaml, author, cause, nil)
}

// putBy is put with another embedder, nil for the one that there is.
func (s *Source) putBy(ctx context.Context, head served, catalog *routes.Catalog, yaml []byte, author, cause string, embedder *engine.EmbedderConfig) (Applied, error) {
	next := served{catalog: catalog, yaml: yaml}
	if bytes.Equal(yaml, head.yaml) {
		next.Revision = head.Revision
		if head.Number == s.now.Load().Number {
			return s.applied(&next, true), nil
		}
	}
	return s.serve(ctx, &next, engine.Replacement{Catalog: catalog, Embedder: embedder, Commit: func(ctx context.Context) error {
		if next.Number > 0 {
			return nil // it is the head, which this process has not taken yet
		}
		kept, err := s.store.AddRevision(ctx, head.Number, store.Revision{
			Etag: etagOf(catalog), Catalog: string(yaml), Author: author, Cause: cause, Time: time.Now(),
		})
		if err != nil {
			return fmt.Errorf("%w: %w", ErrKeep, err)
		}
		next.Revision = fromStore(kept)
		return nil
	}})
}

// serve is the one way in which a revision comes into place, whoever made it.
func (s *Source) serve(ctx context.Context, next *served, r engine.Replacement) (Applied, error) {
	commit := r.Commit
	r.Commit = func(ctx context.Context) error {
		if commit != nil {
			if err := commit(ctx); err != nil {
				return err
			}
		}
		s.now.Store(next) // in the order of the swaps, whoever makes them
		return nil
	}
	if err := s.engine.ReplaceBy(ctx, r); err != nil {
		return Applied{}, err
	}
	s.log.Info().Int64("revision", next.Number).Str("author", next.Author).Str("cause", next.Cause).Msg("serving a revision of the catalog")
	return s.applied(next, false), nil
}

func (s *Source) applied(r *served, unchanged bool) Applied {
	return Applied{Revision: r.Revision, Fingerprint: s.engine.Status().Fingerprint, Unchanged: unchanged, Warnings: r.catalog.Warnings}
}

// Rollback returns to the revision of a number, 0 for the one before, as a new
// revision. Where files win it lasts until they change. It fails as Apply does.
func (s *Source) Rollback(ctx context.Context, number int64, etag, author, cause string) (Applied, error) {
	if err := s.lock(ctx); err != nil {
		return Applied{}, err
	}
	defer s.unlock()
	head := *s.now.Load()
	if s.store != nil {
		var err error
		if head, err = s.head(ctx); err != nil {
			return Applied{}, err
		}
	}
	if etag != "" && etag != head.Etag {
		return Applied{}, &StaleError{Head: head.Revision}
	}
	if number == 0 {
		before, err := s.history.list(ctx, head.Number, 1)
		if err != nil {
			return Applied{}, err
		}
		if len(before) == 0 {
			return Applied{}, fmt.Errorf("%w before %d", ErrNoRevision, head.Number)
		}
		number = before[0].Number
	}
	to, err := s.history.get(ctx, number)
	if err != nil {
		return Applied{}, err
	}
	if cause == "" {
		cause = fmt.Sprintf("rollback to revision %d", number)
	}
	if s.store != nil {
		return s.put(ctx, head, to.catalog, to.yaml, author, cause)
	}
	next := to
	return s.serve(ctx, &next, engine.Replacement{Catalog: to.catalog, Back: true, Commit: func(context.Context) error {
		next = s.noted(to.catalog, author, cause)
		return nil
	}})
}

// noted remembers a catalog of files.
func (s *Source) noted(c *routes.Catalog, author, cause string) served {
	files, _ := s.history.(*fileHistory)
	return files.add(c, author, cause)
}
