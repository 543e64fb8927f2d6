package qdranttest

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/semroute/semroute/internal/vec"
)

// Query finds the points nearest to a dense vector. As in Qdrant, it scores one
// segment after the other and reads payloads at the end, while writers write:
// what is written in between is in one and not in the other, and a point that
// was deleted after it was scored is missing from the answer.
func (p *pointsService) Query(_ context.Context, r *pb.QueryPoints) (*pb.QueryResponse, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c, v, err := p.checkQuery(r)
	if err != nil {
		return nil, err
	}
	pass, err := compile(r.GetFilter())
	if err != nil {
		return nil, err
	}
	limit := uint64(10)
	if r.Limit != nil {
		limit = r.GetLimit()
	}
	var found []scored
	for i := range c.segments {
		if i > 0 {
			p.s.letOthersIn()
		}
		for _, candidate := range c.segments[i] {
			if pass(candidate) {
				found = append(found, scored{candidate, vec.Dot(candidate.vector, v)})
			}
		}
	}
	slices.SortFunc(found, compareScored)
	found = found[:min(limit, uint64(len(found)))]
	p.s.letOthersIn()
	return c.answer(found, r)
}

// scored is a point that a search has found.
type scored struct {
	point *point
	score float32
}

// compareScored orders by score; the order of equal ones is the ids', where
// Qdrant's is by chance.
func compareScored(a, b scored) int {
	return cmp.Or(cmp.Compare(b.score, a.score), bytes.Compare(a.point.id[:], b.point.id[:]))
}

func (p *pointsService) checkQuery(r *pb.QueryPoints) (*collection, []float32, error) {
	dense := r.GetQuery().GetNearest().GetDense()
	c, err := p.s.find(r.GetCollectionName())
	switch {
	case err != nil:
		return nil, nil, err
	case r.Limit != nil && r.GetLimit() == 0:
		return nil, nil, status.Error(codes.InvalidArgument, "Validation error in body: [limit: value 0 invalid, must be 1 or larger]")
	case r.Params != nil && r.GetParams().HnswEf != nil && r.GetParams().GetHnswEf() == 0:
		return nil, nil, status.Error(codes.InvalidArgument, "Validation error in body: [params.hnsw_ef: value 0 invalid, must be 1 or larger]")
	case dense == nil || len(r.GetPrefetch()) > 0 || r.Using != nil || r.Offset != nil:
		return nil, nil, status.Error(codes.Unimplemented, "the double answers plain queries for one dense vector only")
	}
	v, err := c.vector(dense.GetData())
	return c, v, err
}

// answer reads what is asked of the points found. Where only ids and scores
// are, nothing is read again.
func (c *collection) answer(found []scored, r *pb.QueryPoints) (*pb.QueryResponse, error) {
	again := r.GetWithPayload().GetEnable() || r.GetWithVectors().GetEnable()
	answer := &pb.QueryResponse{}
	for _, f := range found {
		now := c.segment(f.point.id)[f.point.id]
		if now == nil {
			if again {
				continue
			}
			now = f.point
		}
		out, err := now.retrieved(r.GetWithPayload(), r.GetWithVectors())
		if err != nil {
			return nil, err
		}
		answer.Result = append(answer.Result, &pb.ScoredPoint{Id: out.GetId(), Score: f.score, Payload: out.GetPayload(), Vectors: out.GetVectors()})
	}
	return answer, nil
}

// Scroll returns a page of the points, in the order of their ids.
func (p *pointsService) Scroll(_ context.Context, r *pb.ScrollPoints) (*pb.ScrollResponse, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	limit := uint32(10)
	if r.Limit != nil {
		limit = r.GetLimit()
	}
	if limit == 0 {
		return nil, status.Error(codes.InvalidArgument, "Validation error in body: [limit: value 0 invalid, must be 1 or larger]")
	}
	passing, err := p.passing(r.GetCollectionName(), r.GetFilter())
	if err != nil {
		return nil, err
	}
	if r.Offset != nil {
		from, err := parseID(r.GetOffset())
		if err != nil {
			return nil, err
		}
		passing = slices.DeleteFunc(passing, func(c *point) bool { return bytes.Compare(c.id[:], from[:]) < 0 })
	}
	answer := &pb.ScrollResponse{}
	for i, found := range passing {
		if i == int(limit) {
			answer.NextPageOffset = found.answerID()
			break
		}
		out, err := found.retrieved(r.GetWithPayload(), r.GetWithVectors())
		if err != nil {
			return nil, err
		}
		answer.Result = append(answer.Result, out)
	}
	return answer, nil
}

// compile turns a filter into a test of a point. It knows conditions that
// must hold on keyword fields.
func compile(filter *pb.Filter) (func(*point) bool, error) {
	if len(filter.GetShould())+len(filter.GetMustNot()) > 0 || filter.GetMinShould() != nil {
		return nil, status.Error(codes.Unimplemented, "the double knows filters with must only")
	}
	var tests []func(*point) bool
	for _, condition := range filter.GetMust() {
		field := condition.GetField()
		if condition.GetConditionOneOf() == nil || field != nil && field.GetKey() == "" {
			return nil, status.Error(codes.InvalidArgument, "Malformed condition")
		}
		var allowed []string
		switch m := field.GetMatch().GetMatchValue().(type) {
		case *pb.Match_Keyword:
			allowed = []string{m.Keyword}
		case *pb.Match_Keywords:
			allowed = m.Keywords.GetStrings()
		case nil:
			return nil, status.Error(codes.InvalidArgument, "Malformed condition: a field needs something to match")
		default:
			return nil, status.Error(codes.Unimplemented, "the double matches keywords only")
		}
		tests = append(tests, func(p *point) bool {
			kind, ok := p.payload[field.GetKey()].GetKind().(*pb.Value_StringValue)
			return ok && slices.Contains(allowed, kind.StringValue)
		})
	}
	return func(p *point) bool {
		for _, test := range tests {
			if !test(p) {
				return false
			}
		}
		return true
	}, nil
}
