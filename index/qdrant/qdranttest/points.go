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

// change runs a write on a collection, all or nothing.
func (p *pointsService) change(name string, wait bool, write func(*collection) error) (*pb.PointsOperationResponse, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c, err := p.s.find(name)
	if err != nil {
		return nil, err
	}
	if err := write(c); err != nil {
		return nil, err
	}
	result := &pb.UpdateResult{Status: pb.UpdateStatus_Acknowledged}
	if wait {
		result.Status = pb.UpdateStatus_Completed
	}
	return &pb.PointsOperationResponse{Result: result}, nil
}

// Upsert stores points with a UUID and one unnamed dense vector.
func (p *pointsService) Upsert(_ context.Context, r *pb.UpsertPoints) (*pb.PointsOperationResponse, error) {
	return p.change(r.GetCollectionName(), r.GetWait(), func(c *collection) error {
		if len(r.GetPoints()) == 0 {
			return status.Error(codes.InvalidArgument, "Wrong input: Empty update request")
		}
		checked := make([]*point, 0, len(r.GetPoints()))
		for _, in := range r.GetPoints() {
			out, err := c.check(in)
			if err != nil {
				return err
			}
			checked = append(checked, out)
		}
		for _, out := range checked {
			c.points[out.id.String()] = out
		}
		return nil
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

// Delete removes points by id; ids that are not held are no error.
func (p *pointsService) Delete(_ context.Context, r *pb.DeletePoints) (*pb.PointsOperationResponse, error) {
	return p.change(r.GetCollectionName(), r.GetWait(), func(c *collection) error {
		list := r.GetPoints().GetPoints()
		if list == nil {
			return status.Error(codes.InvalidArgument, "PointsSelector is missing")
		}
		var ids []string
		for _, id := range list.GetIds() {
			parsed, err := parseID(id)
			if err != nil {
				return err
			}
			ids = append(ids, parsed.String())
		}
		for _, id := range ids {
			delete(c.points, id)
		}
		return nil
	})
}

// CreateFieldIndex notes a keyword index.
func (p *pointsService) CreateFieldIndex(_ context.Context, r *pb.CreateFieldIndexCollection) (*pb.PointsOperationResponse, error) {
	return p.change(r.GetCollectionName(), r.GetWait(), func(c *collection) error {
		switch {
		case r.GetFieldName() == "":
			return status.Error(codes.InvalidArgument, "Validation error in body: [field_name: is empty]")
		case r.FieldType == nil:
			return status.Error(codes.InvalidArgument, "Wrong input: field type is missing")
		case r.GetFieldType() != pb.FieldType_FieldTypeKeyword:
			return status.Error(codes.Unimplemented, "the double knows keyword indexes only")
		}
		c.schema[r.GetFieldName()] = &pb.PayloadSchemaInfo{DataType: pb.PayloadSchemaType_Keyword}
		return nil
	})
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
	for _, candidate := range c.points {
		if pass(candidate) {
			out = append(out, candidate)
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
