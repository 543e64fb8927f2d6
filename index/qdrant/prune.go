package qdrant

import (
	"context"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
)

// Prune deletes the collections of other embedders under this prefix, except
// one in service and those that are still searched, and returns their names. Who
// calls it knows which processes there are and what they search; none may be
// filling a new one.
func (x *Index) Prune(ctx context.Context, searched ...string) ([]string, error) {
	if err := x.usable(ctx); err != nil {
		return nil, err
	}
	x.writing.Lock()
	defer x.writing.Unlock()
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
	var gone []string
	own := ownCollection(x.config.Prefix)
	var keep []string
	for _, name := range append(searched, x.collection, target) {
		keep = append(keep, name, removedList(name))
	}
	for _, c := range all.GetCollections() {
		name := c.GetName()
		if !own.MatchString(name) || slices.Contains(keep, name) {
			continue
		}
		if _, err := x.server.collections().Delete(short, &pb.DeleteCollection{CollectionName: name}); err != nil {
			return gone, x.server.failure(ctx, "deleting collection "+name, x.config.WriteTimeout, err)
		}
		gone = append(gone, name)
	}
	slices.Sort(gone)
	return gone, nil
}
