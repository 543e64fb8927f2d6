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

// Query finds the points nearest to a dense vector.
func (p *pointsService) Query(_ context.Context, r *pb.QueryPoints) (*pb.QueryResponse, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	limit := uint64(10)
	if r.Limit != nil {
		limit = r.GetLimit()
	}
	dense := r.GetQuery().GetNearest().GetDense()
	c, err := p.s.find(r.GetCollectionName())
	switch {
	case err != nil:
		return nil, err
	case limit == 0:
		return nil, status.Error(codes.InvalidArgument, "Validation error in body: [limit: value 0 invalid, must be 1 or larger]")
	case r.Params != nil && r.GetParams().HnswEf != nil && r.GetParams().GetHnswEf() == 0:
		return nil, status.Error(codes.InvalidArgument, "Validation error in body: [params.hnsw_ef: value 0 invalid, must be 1 or larger]")
	case dense == nil || len(r.GetPrefetch()) > 0 || r.Using != nil || r.Offset != nil:
		return nil, status.Error(codes.Unimplemented, "the double answers plain queries for one dense vector only")
	}
	v, err := c.vector(dense.GetData())
	if err != nil {
		return nil, err
	}
	passing, err := p.passing(r.GetCollectionName(), r.GetFilter())
	if err != nil {
		return nil, err
	}
	answer := &pb.QueryResponse{}
	for _, candidate := range passing {
		answer.Result = append(answer.Result, &pb.ScoredPoint{Id: candidate.answerID(), Score: vec.Dot(candidate.vector, v)})
	}
	slices.SortStableFunc(answer.Result, func(a, b *pb.ScoredPoint) int { return cmp.Compare(b.GetScore(), a.GetScore()) })
	answer.Result = answer.Result[:min(limit, uint64(len(answer.Result)))]
	for _, scored := range answer.Result {
		found := c.points[scored.GetId().GetUuid()]
		scored.Vectors = found.answerVectors(r.GetWithVectors())
		if scored.Payload, err = found.answerPayload(r.GetWithPayload()); err != nil {
			return nil, err
		}
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
		payload, err := found.answerPayload(r.GetWithPayload())
		if err != nil {
			return nil, err
		}
		answer.Result = append(answer.Result, &pb.RetrievedPoint{
			Id: found.answerID(), Payload: payload, Vectors: found.answerVectors(r.GetWithVectors()),
		})
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
