package qdrant

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"

	"github.com/semroute/semroute/index"
)

const (
	routeField     = "route"
	utteranceField = "utterance"
	// pageBytes is about how much one page of points may weigh.
	pageBytes = 2 << 20
	// textBytes is about what a point's payload weighs.
	textBytes = 512
	// idBytes is about what a point weighs of which only the id is asked for.
	idBytes = 64
)

// load reads the state that the server holds. The order matters: an alias read
// first was moved after the last point was written, and what is removed while
// this reads stays for long enough to be found.
//
// Of two points with one key, which two processes may have written that did not
// know of each other, one counts; the other is left out.
func (x *Index) load(ctx context.Context) (*state, leftOut, error) {
	info, err := x.describe(ctx)
	if err != nil {
		return nil, nil, err
	}
	if info == nil {
		return newState(false, nil, nil, nil, x.config.texts), make(leftOut), nil
	}
	if err := x.checkVectors(info); err != nil {
		return nil, nil, err
	}
	target, err := x.aliasTarget(ctx)
	if err != nil {
		return nil, nil, err
	}
	removed, err := x.removed(ctx)
	if err != nil {
		return nil, nil, err
	}
	l := newLoading(x.config.texts)
	err = x.scroll(ctx, &pb.ScrollPoints{CollectionName: x.collection, WithPayload: pb.NewWithPayload(true)}, textBytes,
		func(p *pb.RetrievedPoint) error {
			id, key, err := x.ours(p)
			if _, gone := removed[id]; err != nil || gone {
				return err
			}
			l.add(id, key)
			return nil
		})
	if err != nil {
		return nil, nil, err
	}
	return l.state(target == x.collection), l.twins, nil
}

// loading is a state while it is read.
type loading struct {
	ids     []uuid.UUID
	keys    []index.Key
	revised map[index.Key]uuid.UUID
	routes  map[string]string // one string for all that are equal
	twins   leftOut           // points whose key another one has
	limit   int
}

func newLoading(limit int) *loading {
	return &loading{limit: limit, revised: make(map[index.Key]uuid.UUID), routes: make(map[string]string), twins: make(leftOut)}
}

func (l *loading) add(id uuid.UUID, key index.Key) {
	if id != pointID(key, 0) {
		if _, twice := l.revised[key]; twice {
			l.twins.add(key, id)
			return
		}
		l.revised[key] = id
	}
	l.ids = append(l.ids, id)
	if len(l.ids) > l.limit {
		l.keys = nil
		return
	}
	route, known := l.routes[key.Route]
	if !known {
		route = key.Route
		l.routes[route] = route
	}
	l.keys = append(l.keys, index.Key{Route: route, Utterance: key.Utterance})
}

func (l *loading) state(complete bool) *state {
	s := newState(complete, l.ids, l.keys, l.revised, l.limit)
	twice := make(map[uuid.UUID]bool)
	for key, id := range l.revised {
		if s.has(pointID(key, 0)) {
			twice[id] = true
			l.twins.add(key, id)
		}
	}
	if len(twice) > 0 {
		s = s.edited(twice, nil)
		s.complete = complete
	}
	return s
}

// ours reads a point of this index's own.
func (x *Index) ours(p *pb.RetrievedPoint) (uuid.UUID, index.Key, error) {
	id, isUUID := parseID(p.GetId())
	route, hasRoute := p.GetPayload()[routeField].GetKind().(*pb.Value_StringValue)
	utterance, hasUtterance := p.GetPayload()[utteranceField].GetKind().(*pb.Value_StringValue)
	if !isUUID || !hasRoute || !hasUtterance {
		return id, index.Key{}, fmt.Errorf("%w: collection %s at %s: point %s has no route and utterance: something else wrote there, use another prefix",
			index.ErrUnavailable, x.collection, x.config.Address, p.GetId())
	}
	return id, index.Key{Route: route.StringValue, Utterance: utterance.StringValue}, nil
}
