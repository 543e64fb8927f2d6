package qdranttest_test

import (
	"context"
	"net"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

const known = "2baeda54-77b3-518e-aee1-a5c2952f74b9"

func connect(t *testing.T, s *qdranttest.Server) *pb.Client {
	t.Helper()
	host, service, err := net.SplitHostPort(s.Address())
	if err != nil {
		t.Fatal(err)
	}
	port, err := net.LookupPort("tcp", service)
	if err != nil {
		t.Fatal(err)
	}
	client, err := pb.NewClient(&pb.Config{Host: host, Port: port, SkipCompatibilityCheck: true, PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func create(name string, size uint64) *pb.CreateCollection {
	return &pb.CreateCollection{CollectionName: name, VectorsConfig: pb.NewVectorsConfig(&pb.VectorParams{Size: size, Distance: pb.Distance_Cosine})}
}

func upsert(collection, id string, v ...float32) *pb.UpsertPoints {
	p := &pb.PointStruct{Id: pb.NewIDUUID(id)}
	if len(v) > 0 {
		p.Vectors = pb.NewVectorsDense(v)
	}
	return &pb.UpsertPoints{CollectionName: collection, Points: []*pb.PointStruct{p}}
}

func TestRequestsThatQdrantRefusesAreRefused(t *testing.T) {
	ctx := t.Context()
	c := connect(t, qdranttest.New(t))
	if err := c.CreateCollection(ctx, create("c", 2)); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateAlias(ctx, "alias", "c"); err != nil {
		t.Fatal(err)
	}
	query := func(r *pb.QueryPoints) error { _, err := c.Query(ctx, r); return err }
	write := func(r *pb.UpsertPoints) error { _, err := c.Upsert(ctx, r); return err }
	scroll := func(r *pb.ScrollPoints) error { _, err := c.Scroll(ctx, r); return err }
	remove := func(r *pb.DeletePoints) error { _, err := c.Delete(ctx, r); return err }
	fieldIndex := func(r *pb.CreateFieldIndexCollection) error { _, err := c.CreateFieldIndex(ctx, r); return err }
	must := func(conditions ...*pb.Condition) *pb.Filter { return &pb.Filter{Must: conditions} }
	near := pb.NewQueryDense([]float32{1, 0})
	for _, test := range []struct {
		name string
		err  error
		want codes.Code
	}{
		{"create: exists", c.CreateCollection(ctx, create("c", 2)), codes.AlreadyExists},
		{"create: named as an alias", c.CreateCollection(ctx, create("alias", 2)), codes.InvalidArgument},
		{"create: no name", c.CreateCollection(ctx, create("", 2)), codes.InvalidArgument},
		{"create: bad name", c.CreateCollection(ctx, create("a/b", 2)), codes.InvalidArgument},
		{"create: size 0", c.CreateCollection(ctx, create("d", 0)), codes.InvalidArgument},
		{"create: no vectors", c.CreateCollection(ctx, &pb.CreateCollection{CollectionName: "d"}), codes.InvalidArgument},
		{"alias: unknown collection", c.CreateAlias(ctx, "a", "missing"), codes.NotFound},
		{"alias: named as a collection", c.CreateAlias(ctx, "c", "c"), codes.AlreadyExists},
		{"alias: rename of a missing one", c.RenameAlias(ctx, "missing", "b"), codes.NotFound},
		{"upsert: unknown collection", write(upsert("missing", known, 1, 0)), codes.NotFound},
		{"upsert: wrong dimension", write(upsert("c", known, 1, 0, 0)), codes.InvalidArgument},
		{"upsert: no vector", write(upsert("c", known)), codes.InvalidArgument},
		{"upsert: bad UUID", write(upsert("c", "not-a-uuid", 1, 0)), codes.InvalidArgument},
		{"upsert: no id", write(&pb.UpsertPoints{CollectionName: "c", Points: []*pb.PointStruct{{Vectors: pb.NewVectorsDense([]float32{1, 0})}}}), codes.InvalidArgument},
		{"upsert: no points", write(&pb.UpsertPoints{CollectionName: "c"}), codes.InvalidArgument},
		{"delete: unknown collection", remove(&pb.DeletePoints{CollectionName: "missing", Points: pb.NewPointsSelector(pb.NewID(known))}), codes.NotFound},
		{"delete: no selector", remove(&pb.DeletePoints{CollectionName: "c"}), codes.InvalidArgument},
		{"delete: bad UUID", remove(&pb.DeletePoints{CollectionName: "c", Points: pb.NewPointsSelector(pb.NewID("x"))}), codes.InvalidArgument},
		{"query: unknown collection", query(&pb.QueryPoints{CollectionName: "missing", Query: near}), codes.NotFound},
		{"query: wrong dimension", query(&pb.QueryPoints{CollectionName: "c", Query: pb.NewQueryDense([]float32{1})}), codes.InvalidArgument},
		{"query: limit 0", query(&pb.QueryPoints{CollectionName: "c", Query: near, Limit: pb.PtrOf(uint64(0))}), codes.InvalidArgument},
		{"query: ef 0", query(&pb.QueryPoints{CollectionName: "c", Query: near, Params: &pb.SearchParams{HnswEf: pb.PtrOf(uint64(0))}}), codes.InvalidArgument},
		{"query: empty condition", query(&pb.QueryPoints{CollectionName: "c", Query: near, Filter: must(&pb.Condition{})}), codes.InvalidArgument},
		{"query: condition without a field", query(&pb.QueryPoints{CollectionName: "c", Query: near, Filter: must(pb.NewMatchKeyword("", "x"))}), codes.InvalidArgument},
		{"query: unknown kind of match", query(&pb.QueryPoints{CollectionName: "c", Query: near, Filter: must(pb.NewMatchInt("route", 3))}), codes.Unimplemented},
		{"scroll: unknown collection", scroll(&pb.ScrollPoints{CollectionName: "missing"}), codes.NotFound},
		{"scroll: limit 0", scroll(&pb.ScrollPoints{CollectionName: "c", Limit: pb.PtrOf(uint32(0))}), codes.InvalidArgument},
		{"scroll: bad offset", scroll(&pb.ScrollPoints{CollectionName: "c", Offset: pb.NewID("x")}), codes.InvalidArgument},
		{"field index: unknown collection", fieldIndex(&pb.CreateFieldIndexCollection{CollectionName: "missing", FieldName: "r", FieldType: pb.FieldType_FieldTypeKeyword.Enum()}), codes.NotFound},
		{"field index: no name", fieldIndex(&pb.CreateFieldIndexCollection{CollectionName: "c", FieldType: pb.FieldType_FieldTypeKeyword.Enum()}), codes.InvalidArgument},
		{"field index: no type", fieldIndex(&pb.CreateFieldIndexCollection{CollectionName: "c", FieldName: "r"}), codes.InvalidArgument},
	} {
		if got := status.Code(test.err); got != test.want {
			t.Errorf("%s: %v (%v), want %v", test.name, got, test.err, test.want)
		}
	}
}

func TestAWrongPointLeavesTheWholeBatchOut(t *testing.T) {
	s := qdranttest.New(t)
	c := connect(t, s)
	if err := c.CreateCollection(t.Context(), create("c", 2)); err != nil {
		t.Fatal(err)
	}
	batch := upsert("c", known, 1, 0)
	batch.Points = append(batch.Points, upsert("c", "bad", 1, 0).GetPoints()...)
	if _, err := c.Upsert(t.Context(), batch); err == nil || s.Size("c") != 0 {
		t.Errorf("error %v, %d points stored, want an error and none", err, s.Size("c"))
	}
}

func TestVectorsComeBackNormalised(t *testing.T) {
	c := connect(t, qdranttest.New(t))
	if err := c.CreateCollection(t.Context(), create("c", 2)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Upsert(t.Context(), upsert("c", known, 3, 4)); err != nil {
		t.Fatal(err)
	}
	page, err := c.Scroll(t.Context(), &pb.ScrollPoints{CollectionName: "c", WithVectors: pb.NewWithVectors(true)})
	if err != nil || len(page) != 1 {
		t.Fatalf("%d points, %v", len(page), err)
	}
	if v := page[0].GetVectors().GetVector().GetDenseVector().GetData(); len(v) != 2 || v[0] != 0.6 || v[1] != 0.8 {
		t.Errorf("vector %v, want 0.6 0.8", v)
	}
}

func TestCallsAreCountedAndFailOnDemand(t *testing.T) {
	s := qdranttest.New(t)
	c := connect(t, s)
	ask := func() codes.Code {
		_, err := c.ListCollections(context.Background())
		return status.Code(err)
	}
	s.Fail("Collections/List", 1, 2, status.Error(codes.Internal, "on demand"))
	var got []codes.Code
	for range 4 {
		got = append(got, ask())
	}
	if got[0] != codes.OK || got[1] != codes.Internal || got[2] != codes.Internal || got[3] != codes.OK {
		t.Errorf("answers %v, want OK, Internal, Internal, OK", got)
	}
	if s.Calls("Collections/List") != 4 || s.Writes() != 0 {
		t.Errorf("%d calls and %d writes counted, want 4 and 0", s.Calls("Collections/List"), s.Writes())
	}
}
