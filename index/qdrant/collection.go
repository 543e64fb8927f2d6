package qdrant

import (
	"context"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
)

// create makes the collection and its index on routes; what is there already,
// from an attempt that was interrupted, stays.
func (x *Index) create(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	info, err := x.describe(ctx)
	if err != nil {
		return err
	}
	if info == nil {
		_, err := x.server.collections().Create(short, x.newCollection())
		if err != nil && !isCode(err, codes.AlreadyExists) { // another process may be faster
			return x.server.failure(ctx, "creating collection "+x.collection, x.config.WriteTimeout, err)
		}
	}
	if _, ok := info.GetPayloadSchema()[routeField]; ok {
		return nil
	}
	_, err = x.server.points().CreateFieldIndex(short, &pb.CreateFieldIndexCollection{
		CollectionName: x.collection, Wait: pb.PtrOf(true),
		FieldName: routeField, FieldType: pb.FieldType_FieldTypeKeyword.Enum(),
	})
	return x.server.failure(ctx, "creating the index on routes", x.config.WriteTimeout, err)
}

func (x *Index) newCollection() *pb.CreateCollection {
	c := x.config
	params := &pb.VectorParams{Size: uint64(c.Dimension), Distance: pb.Distance_Cosine}
	if c.VectorsOnDisk {
		params.OnDisk = pb.PtrOf(true)
	}
	request := &pb.CreateCollection{CollectionName: x.collection, VectorsConfig: pb.NewVectorsConfig(params)}
	if c.PayloadOnDisk {
		request.OnDiskPayload = pb.PtrOf(true)
	}
	if c.Quantize {
		request.QuantizationConfig = pb.NewQuantizationScalar(&pb.ScalarQuantization{
			Type: pb.QuantizationType_Int8, AlwaysRam: pb.PtrOf(true),
		})
	}
	if c.Shards > 0 {
		request.ShardNumber = pb.PtrOf(uint32(c.Shards))
	}
	if c.Replicas > 0 {
		request.ReplicationFactor = pb.PtrOf(uint32(c.Replicas))
	}
	return request
}

// putIntoService moves the alias to the collection, in one step.
func (x *Index) putIntoService(ctx context.Context) error {
	before, err := x.aliasTarget(ctx)
	if err != nil {
		return err
	}
	var actions []*pb.AliasOperations
	if before != "" {
		actions = append(actions, pb.NewAliasDelete(x.config.Prefix))
	}
	actions = append(actions, pb.NewAliasCreate(x.config.Prefix, x.collection))
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	if _, err := x.server.collections().UpdateAliases(short, &pb.ChangeAliases{Actions: actions}); err != nil {
		return x.server.failure(ctx, "moving alias "+x.config.Prefix, x.config.WriteTimeout, err)
	}
	x.serving.Store(true)
	return nil
}
