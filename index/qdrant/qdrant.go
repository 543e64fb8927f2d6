// Package qdrant is the index in a Qdrant server, for catalogs that outgrow
// one process or are shared by several.
//
// An embedder and dimension have one collection, named by their fingerprint,
// and its points have ids made of route and utterance. So vectors of two
// embedders never meet, and a restart finds what it wrote before. An alias
// with the plain prefix as name points to the collection in service, and moves
// in one step once a new one is complete; until then the new one is not
// searched. A collection in service is edited in place, additions first.
//
// It leaves to Qdrant how exact a search is (see Config.EF), and to the
// operator when the collections of former embedders go: see Prune.
package qdrant

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/semroute/semroute/index"
)

// Index is one embedder's index in a Qdrant server; it is safe for concurrent
// use. Writers of several processes must take turns by other means.
type Index struct {
	config     Config
	collection string
	server     *connections
	serving    atomic.Bool // the alias pointed to the collection when last seen
	writing    sync.Mutex  // held by the one writer
}

var _ index.Index = (*Index)(nil)

// Open connects and looks at what the server holds for this embedder; it
// changes nothing there. It reports ErrUnreachable when nobody answers.
func Open(ctx context.Context, config Config) (*Index, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	server, err := connect(config)
	if err != nil {
		return nil, err
	}
	x := &Index{config: config, collection: collectionName(config), server: server}
	if err := x.look(ctx); err != nil {
		_ = server.close() // the first error counts
		return nil, err
	}
	return x, nil
}

// look notes whether the collection is in service, and refuses one under the
// same name that cannot be ours.
func (x *Index) look(ctx context.Context) error {
	info, err := x.describe(ctx)
	if err != nil || info == nil {
		return err
	}
	vectors := info.GetConfig().GetParams().GetVectorsConfig().GetParams()
	if vectors.GetSize() != uint64(x.config.Dimension) || vectors.GetDistance() != pb.Distance_Cosine {
		return fmt.Errorf("%w: collection %s at %s holds vectors of %d components with distance %s, want %d and Cosine; delete it or use another prefix",
			index.ErrUnavailable, x.collection, x.config.Address, vectors.GetSize(), vectors.GetDistance(), x.config.Dimension)
	}
	_, err = x.inService(ctx)
	return err
}

// describe returns what the server says of the collection; nil when it does
// not exist.
func (x *Index) describe(ctx context.Context) (*pb.CollectionInfo, error) {
	if x.server.closed.Load() {
		return nil, index.ErrClosed
	}
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	answer, err := x.server.collections().Get(short, &pb.GetCollectionInfoRequest{CollectionName: x.collection})
	if isCode(err, codes.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, x.server.failure(ctx, "reading collection "+x.collection, x.config.WriteTimeout, err)
	}
	return answer.GetResult(), nil
}

// inService tells whether the alias points to the collection. Once seen it
// stays so for this index: it goes on with its own embedder's vectors when the
// alias moves on.
func (x *Index) inService(ctx context.Context) (bool, error) {
	if x.serving.Load() {
		return true, nil
	}
	target, err := x.aliasTarget(ctx)
	if err != nil {
		return false, err
	}
	if target == x.collection {
		x.serving.Store(true)
	}
	return target == x.collection, nil
}

// aliasTarget returns the collection in service; "" when there is none.
func (x *Index) aliasTarget(ctx context.Context) (string, error) {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	answer, err := x.server.collections().ListAliases(short, &pb.ListAliasesRequest{})
	if err != nil {
		return "", x.server.failure(ctx, "listing aliases", x.config.WriteTimeout, err)
	}
	for _, a := range answer.GetAliases() {
		if a.GetAliasName() == x.config.Prefix {
			return a.GetCollectionName(), nil
		}
	}
	return "", nil
}

// Dimension is the length of every vector.
func (x *Index) Dimension() int { return x.config.Dimension }

// Collection is the name of this embedder's collection.
func (x *Index) Collection() string { return x.collection }

// Prune deletes the collections of other embedders under this prefix, except
// one in service, and returns their names. It is for when no older process
// that still searches them is left.
func (x *Index) Prune(ctx context.Context) ([]string, error) {
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.server.closed.Load() {
		return nil, index.ErrClosed
	}
	target, err := x.aliasTarget(ctx)
	if err != nil {
		return nil, err
	}
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	all, err := x.server.collections().List(short, &pb.ListCollectionsRequest{})
	if err != nil {
		return nil, x.server.failure(ctx, "listing collections", x.config.WriteTimeout, err)
	}
	var removed []string
	own := ownCollection(x.config.Prefix)
	for _, c := range all.GetCollections() {
		name := c.GetName()
		if !own.MatchString(name) || name == x.collection || name == target {
			continue
		}
		if _, err := x.server.collections().Delete(short, &pb.DeleteCollection{CollectionName: name}); err != nil {
			return removed, x.server.failure(ctx, "deleting collection "+name, x.config.WriteTimeout, err)
		}
		removed = append(removed, name)
	}
	slices.Sort(removed)
	return removed, nil
}

// Close implements index.Index. The server keeps everything.
func (x *Index) Close() error { return x.server.close() }
