package qdranttest

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/semroute/semroute/internal/vec"
)

// point is one stored point; its vector is normalised, as Qdrant does for
// cosine distance.
type point struct {
	id      uuid.UUID
	vector  []float32
	payload map[string]*pb.Value
}

type pointsService struct {
	pb.UnimplementedPointsServer
	s *Server
}

// updateChunk is how many points Qdrant writes before it lets readers in.
const updateChunk = 32

// change checks a write on a collection as a whole and then applies it point by
// point. Whoever reads meanwhile sees a part of it, as with a real server.
func (p *pointsService) change(name string, wait bool, check func(*collection) (apply []func(), err error)) (*pb.PointsOperationResponse, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c, err := p.s.find(name)
	if err != nil {
		return nil, err
	}
	apply, err := check(c)
	if err != nil {
		return nil, err
	}
	for i, one := range apply {
		if i > 0 && i%updateChunk == 0 {
			p.s.letOthersIn()
		}
		one()
	}
	result := &pb.UpdateResult{Status: pb.UpdateStatus_Acknowledged}
	if wait {
		result.Status = pb.UpdateStatus_Completed
	}
	return &pb.PointsOperationResponse{Result: result}, nil
}

// Upsert stores points with a UUID and one unnamed dense vector.
func (p *pointsService) Upsert(_ context.Context, r *pb.UpsertPoints) (*pb.PointsOperationResponse, error) {
	return p.change(r.GetCollectionName(), r.GetWait(), func(c *collection) ([]func(), error) {
		switch {
		case len(r.GetPoints()) == 0:
			return nil, status.Error(codes.InvalidArgument, "Wrong input: Empty update request")
		case r.GetUpdateMode() == pb.UpdateMode_UpdateOnly, r.GetUpdateFilter() != nil:
			return nil, status.Error(codes.Unimplemented, "the double inserts and overwrites only")
		}
		apply := make([]func(), 0, len(r.GetPoints()))
		for _, in := range r.GetPoints() {
			out, err := c.check(in)
			if err != nil {
				return nil, err
			}
			apply = append(apply, func() {
				segment := c.segment(out.id)
				if segment[out.id] == nil || r.GetUpdateMode() != pb.UpdateMode_InsertOnly {
					segment[out.id] = out
				}
			})
		}
		return apply, nil
	})
}

func (c *collection) check(in *pb.PointStruct) (*point, error) {
	id, err := parseID(in.GetId())
	if err != nil {
		return nil, err
	}
	if in.GetVectors() == nil {
		return nil, status.Error(codes.InvalidArgument, "Expected some vectors")
	}
	v, err := c.vector(denseOf(in.GetVectors().GetVector()))
	if err != nil {
		return nil, err
	}
	payload := make(map[string]*pb.Value, len(in.GetPayload()))
	for k, value := range in.GetPayload() {
		payload[k] = proto.CloneOf(value)
	}
	return &point{id: id, vector: v, payload: payload}, nil
}

func denseOf(v *pb.Vector) []float32 {
	if dense := v.GetDense(); dense != nil {
		return dense.GetData()
	}
	return nil
}

// vector checks and normalises a vector for the collection.
func (c *collection) vector(v []float32) ([]float32, error) {
	if uint64(len(v)) != c.params.GetSize() {
		return nil, status.Errorf(codes.InvalidArgument, "Wrong input: Vector dimension error: expected dim: %d, got %d", c.params.GetSize(), len(v))
	}
	v = slices.Clone(v)
	vec.Normalize(v)
	return v, nil
}

func parseID(id *pb.PointId) (uuid.UUID, error) {
	switch kind := id.GetPointIdOptions().(type) {
	case *pb.PointId_Uuid:
		parsed, err := uuid.Parse(kind.Uuid)
		if err != nil {
			return parsed, status.Errorf(codes.InvalidArgument, "Unable to parse UUID: %s", kind.Uuid)
		}
		return parsed, nil
	case *pb.PointId_Num:
		return uuid.UUID{}, status.Error(codes.Unimplemented, "the double knows UUIDs only")
	default:
		return uuid.UUID{}, status.Error(codes.InvalidArgument, "Empty ID is provided")
	}
}

// parseIDs reads a list of ids.
func parseIDs(list []*pb.PointId) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, len(list))
	for i, id := range list {
		var err error
		if ids[i], err = parseID(id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// Delete removes points by id; ids that are not held are no error.
func (p *pointsService) Delete(_ context.Context, r *pb.DeletePoints) (*pb.PointsOperationResponse, error) {
	return p.change(r.GetCollectionName(), r.GetWait(), func(c *collection) ([]func(), error) {
		if r.GetPoints().GetFilter() != nil {
			return nil, status.Error(codes.Unimplemented, "the double deletes by id only")
		}
		list := r.GetPoints().GetPoints()
		if list == nil {
			return nil, status.Error(codes.InvalidArgument, "PointsSelector is missing")
		}
		ids, err := parseIDs(list.GetIds())
		if err != nil {
			return nil, err
		}
		apply := make([]func(), len(ids))
		for i, id := range ids {
			apply[i] = func() { delete(c.segment(id), id) }
		}
		return apply, nil
	})
}

// CreateFieldIndex notes a keyword index.
func (p *pointsService) CreateFieldIndex(_ context.Context, r *pb.CreateFieldIndexCollection) (*pb.PointsOperationResponse, error) {
	return p.change(r.GetCollectionName(), r.GetWait(), func(c *collection) ([]func(), error) {
		switch {
		case r.GetFieldName() == "":
			return nil, status.Error(codes.InvalidArgument, "Validation error in body: [field_name: is empty]")
		case r.FieldType == nil:
			return nil, status.Error(codes.InvalidArgument, "Wrong input: field type is missing")
		case r.GetFieldType() != pb.FieldType_FieldTypeKeyword:
			return nil, status.Error(codes.Unimplemented, "the double knows keyword indexes only")
		}
		note := func() { c.schema[r.GetFieldName()] = &pb.PayloadSchemaInfo{DataType: pb.PayloadSchemaType_Keyword} }
		return []func(){note}, nil
	})
}

// Get returns the points with these ids that are held.
func (p *pointsService) Get(_ context.Context, r *pb.GetPoints) (*pb.GetResponse, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c, err := p.s.find(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	ids, err := parseIDs(r.GetIds())
	if err != nil {
		return nil, err
	}
	answer := &pb.GetResponse{}
	for _, id := range ids {
		found := c.segment(id)[id]
		if found == nil {
			continue
		}
		out, err := found.retrieved(r.GetWithPayload(), r.GetWithVectors())
		if err != nil {
			return nil, err
		}
		answer.Result = append(answer.Result, out)
	}
	return answer, nil
}

func (p *point) retrieved(payload *pb.WithPayloadSelector, vectors *pb.WithVectorsSelector) (*pb.RetrievedPoint, error) {
	selected, err := p.answerPayload(payload)
	if err != nil {
		return nil, err
	}
	return &pb.RetrievedPoint{Id: p.answerID(), Payload: selected, Vectors: p.answerVectors(vectors)}, nil
}

// Count counts the points that pass the filter.
func (p *pointsService) Count(_ context.Context, r *pb.CountPoints) (*pb.CountResponse, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	passing, err := p.passing(r.GetCollectionName(), r.GetFilter())
	if err != nil {
		return nil, err
	}
	return &pb.CountResponse{Result: &pb.CountResult{Count: uint64(len(passing))}}, nil
}

// passing returns the points of a collection that pass the filter, in the
// order of their ids. The caller holds the lock.
func (p *pointsService) passing(name string, filter *pb.Filter) ([]*point, error) {
	c, err := p.s.find(name)
	if err != nil {
		return nil, err
	}
	pass, err := compile(filter)
	if err != nil {
		return nil, err
	}
	var out []*point
	for _, segment := range c.segments {
		for _, candidate := range segment {
			if pass(candidate) {
				out = append(out, candidate)
			}
		}
	}
	slices.SortFunc(out, func(a, b *point) int { return bytes.Compare(a.id[:], b.id[:]) })
	return out, nil
}

func (p *point) answerID() *pb.PointId { return pb.NewIDUUID(p.id.String()) }

// answerPayload returns the payload when the selector asks for it.
func (p *point) answerPayload(want *pb.WithPayloadSelector) (map[string]*pb.Value, error) {
	switch {
	case want == nil:
		return nil, nil
	case want.GetInclude() != nil || want.GetExclude() != nil:
		return nil, status.Error(codes.Unimplemented, "the double gives all of a payload or none")
	case want.GetEnable():
		return maps.Clone(p.payload), nil
	default:
		return nil, nil
	}
}

func (p *point) answerVectors(want *pb.WithVectorsSelector) *pb.VectorsOutput {
	if !want.GetEnable() {
		return nil
	}
	dense := &pb.VectorOutput{Vector: &pb.VectorOutput_Dense{Dense: &pb.DenseVector{Data: slices.Clone(p.vector)}}}
	return &pb.VectorsOutput{VectorsOptions: &pb.VectorsOutput_Vector{Vector: dense}}
}
