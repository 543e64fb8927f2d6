package revision

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
	"github.com/semroute/semroute/store"
)

// First is the catalog that a server begins with.
type First struct {
	Revision
	Catalog *routes.Catalog
	yaml    []byte
}

// Beginning says where the first catalog of a store comes from.
type Beginning struct {
	Store Store
	// Files are read where the store holds no revision yet, or Import is set; nil
	// where there are none.
	Files func() (*routes.Catalog, error)
	// Import makes another revision of the files where they say something else
	// than the head.
	Import bool
	Checks []func(*routes.Catalog) routes.Problems
}

// Begin is the head of the store. An empty one takes the files first. Of several
// processes that begin together one imports, and all serve what it did.
func (b Beginning) Begin(ctx context.Context) (First, error) {
	h := &storeHistory{store: b.Store, editor: edit.Editor{Checks: b.Checks}}
	for {
		head, err := b.Store.HeadRevision(ctx)
		empty := errors.Is(err, store.ErrNotFound)
		if err != nil && !empty {
			return First{}, fmt.Errorf("reading the catalog's revisions: %w", err)
		}
		if empty || b.Import {
			imported, err := b.take(ctx, h.editor, head)
			if errors.Is(err, store.ErrStale) {
				continue // another one was quicker
			}
			if err != nil {
				return First{}, err
			}
			head = imported
		}
		r, err := h.read(head)
		return First{Revision: r.Revision, Catalog: r.catalog, yaml: r.yaml}, err
	}
}

// take makes a revision of the files, unless the head says the same.
func (b Beginning) take(ctx context.Context, editor edit.Editor, head store.Revision) (store.Revision, error) {
	if b.Files == nil {
		return head, errors.New("the store holds no catalog yet, and there are no files to import: give --catalog")
	}
	files, err := b.Files()
	if err != nil {
		return head, err
	}
	whole, err := editor.Whole(files)
	if err != nil || string(whole.YAML) == head.Catalog {
		return head, err
	}
	r := store.Revision{Etag: etagOf(whole.Catalog), Catalog: string(whole.YAML), Author: "serve", Cause: "imported from files", Time: time.Now()}
	added, err := b.Store.AddRevision(ctx, head.Number, r)
	if err != nil {
		return head, fmt.Errorf("%w: %w", ErrKeep, err)
	}
	added.Catalog = r.Catalog
	return added, nil
}
