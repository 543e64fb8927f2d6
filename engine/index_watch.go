package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/semroute/semroute/index"
)

// watchedIndex is an index on a server that tells, once, that entries are gone
// from there, as when somebody has deleted the collection.
type watchedIndex struct {
	index.Index
	once sync.Once
	tell func()
}

// Search implements index.Index.
func (w *watchedIndex) Search(ctx context.Context, q index.Query) ([]index.Match, error) {
	found, err := w.Index.Search(ctx, q)
	if errors.Is(err, index.ErrLost) {
		w.once.Do(w.tell)
	}
	return found, err
}
