package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
	"github.com/semroute/semroute/store"
)

// Store keeps revisions; store.Revisions says what is promised.
type Store interface {
	AddRevision(ctx context.Context, head int64, r store.Revision) (store.Revision, error)
	Revision(ctx context.Context, number int64) (store.Revision, error)
	HeadRevision(ctx context.Context) (store.Revision, error)
	Revisions(ctx context.Context, below int64, limit int) ([]store.Revision, error)
	WatchRevisions(ctx context.Context, tell func(head int64))
}

// history is what was served.
type history interface {
	get(ctx context.Context, number int64) (served, error)
	list(ctx context.Context, below int64, limit int) ([]Revision, error)
}

const (
	// keptOfFiles is how many catalogs of files are remembered …
	keptOfFiles = 10
	// … as long as the earlier ones have no more utterances together.
	keptUtterances = 1_000_000
)

// fileHistory remembers the catalogs that files have given, of this process.
type fileHistory struct {
	mu   sync.Mutex // protects kept
	kept []served   // the oldest first
}

func (h *fileHistory) add(c *routes.Catalog, author, cause string) served {
	h.mu.Lock()
	defer h.mu.Unlock()
	number := int64(1)
	if n := len(h.kept); n > 0 {
		number = h.kept[n-1].Number + 1
	}
	r := served{catalog: c, Revision: Revision{Number: number, Etag: etagOf(c), Author: author, Cause: cause, Time: time.Now()}}
	h.kept = append(h.kept, r)
	first, utterances := len(h.kept)-1, 0
	for ; first > 0 && len(h.kept)-first < keptOfFiles; first-- {
		for _, route := range h.kept[first-1].catalog.Routes {
			utterances += len(route.Utterances)
		}
		if utterances > keptUtterances {
			break
		}
	}
	h.kept = append([]served(nil), h.kept[first:]...)
	return r
}

func (h *fileHistory) get(_ context.Context, number int64) (served, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.kept {
		if r.Number == number {
			return r, nil
		}
	}
	return served{}, fmt.Errorf("%w: %d is not among the last %d that this server has read", ErrNoRevision, number, len(h.kept))
}

func (h *fileHistory) list(_ context.Context, below int64, limit int) ([]Revision, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []Revision
	for i := len(h.kept) - 1; i >= 0 && (limit <= 0 || len(list) < limit); i-- {
		if r := h.kept[i].Revision; below == 0 || r.Number < below {
			list = append(list, r)
		}
	}
	return list, nil
}

// storeHistory is that of the store.
type storeHistory struct {
	store  Store
	editor edit.Editor
}

func (h *storeHistory) get(ctx context.Context, number int64) (served, error) {
	r, err := h.store.Revision(ctx, number)
	if err != nil {
		return served{}, missing(err, number)
	}
	return h.read(r)
}

// read is a stored revision with its catalog.
func (h *storeHistory) read(r store.Revision) (served, error) {
	catalog, err := h.editor.Validate([]byte(r.Catalog))
	if err != nil {
		return served{}, fmt.Errorf("revision %d of the store cannot be used:\n%w", r.Number, err)
	}
	return served{Revision: fromStore(r), catalog: catalog, yaml: []byte(r.Catalog)}, nil
}

func (h *storeHistory) list(ctx context.Context, below int64, limit int) ([]Revision, error) {
	stored, err := h.store.Revisions(ctx, below, limit)
	if err != nil {
		return nil, err
	}
	list := make([]Revision, len(stored))
	for i, r := range stored {
		list[i] = fromStore(r)
	}
	return list, nil
}

func fromStore(r store.Revision) Revision {
	return Revision{Number: r.Number, Etag: r.Etag, Author: r.Author, Cause: r.Cause, Time: r.Time}
}

func missing(err error, number int64) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: %d", ErrNoRevision, number)
	}
	return err
}

// etagOf identifies the content of a catalog, but for where its models' keys lie.
func etagOf(c *routes.Catalog) string { return c.Fingerprint()[:16] }

// yamlOf is the content of a revision.
func (s *Source) yamlOf(r *served) ([]byte, error) {
	if r.yaml != nil {
		return r.yaml, nil
	}
	var out bytes.Buffer
	if err := routes.WriteCatalog(&out, r.catalog); err != nil {
		return nil, fmt.Errorf("writing the catalog: %w", err)
	}
	return out.Bytes(), nil
}
