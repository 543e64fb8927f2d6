package qdrant

import (
	"context"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/semroute/semroute/index"
)

// create makes the collection and its index on routes; what is there already,
// from an attempt that was interrupted, stays.
func (x *Index) create(ctx context.Context) error {
	info, err := x.describe(ctx)
	if err != nil {
		return err
	}
	if info == nil {
		if err := x.createCollection(ctx, x.newCollection()); err != nil {
			return err
		}
	} else if err := x.checkVectors(info); err != nil {
		return err
	}
	if _, ok := info.GetPayloadSchema()[routeField]; ok {
		return nil
	}
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	_, err = x.server.points().CreateFieldIndex(short, &pb.CreateFieldIndexCollection{
		CollectionName: x.collection, Wait: pb.PtrOf(true),
		FieldName: routeField, FieldType: pb.FieldType_FieldTypeKeyword.Enum(),
	})
	return x.server.failure(ctx, "creating the index on routes", x.config.WriteTimeout, err)
}

// createCollection makes a collection unless another process was faster.
func (x *Index) createCollection(ctx context.Context, request *pb.CreateCollection) error {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	_, err := x.server.collections().Create(short, request)
	if isCode(err, codes.AlreadyExists) {
		return nil
	}
	return x.server.failure(ctx, "creating collection "+request.GetCollectionName(), x.config.WriteTimeout, err)
}

// describe returns what the server says of the collection; nil when it does
// not exist.
func (x *Index) describe(ctx context.Context) (*pb.CollectionInfo, error) {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	answer, err := x.server.collections().Get(short, &pb.GetCollectionInfoRequest{CollectionName: x.collection})
	if isCode(err, codes.NotFound) {
		return nil, nil
	}
	return answer.GetResult(), x.server.failure(ctx, "reading collection "+x.collection, x.config.WriteTimeout, err)
}

// checkVectors refuses a collection under our name that cannot be ours.
func (x *Index) checkVectors(info *pb.CollectionInfo) error {
	vectors := info.GetConfig().GetParams().GetVectorsConfig().GetParams()
	if vectors.GetSize() == uint64(x.config.Dimension) && vectors.GetDistance() == pb.Distance_Cosine {
		return nil
	}
	return fmt.Errorf("%w: collection %s at %s holds vectors of %d components with distance %s, want %d and Cosine; delete it or use another prefix",
		index.ErrUnavailable, x.collection, x.config.Address, vectors.GetSize(), vectors.GetDistance(), x.config.Dimension)
}

// count counts the points that pass the filter, whoever holds them.
func (x *Index) count(ctx context.Context, filter *pb.Filter) (int, error) {
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	answer, err := x.server.points().Count(short, &pb.CountPoints{CollectionName: x.collection, Filter: filter, Exact: pb.PtrOf(true)})
	if isCode(err, codes.NotFound) {
		return 0, nil
	}
	return int(answer.GetResult().GetCount()), x.server.failure(ctx, "counting entries", x.config.WriteTimeout, err)
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

// putIntoService moves the alias to the collection, in one step. An alias that
// already points to some collection stays where only a missing one is wanted.
func (x *Index) putIntoService(ctx context.Context, onlyMissing bool) error {
	before, err := x.aliasTarget(ctx)
	if err != nil {
		return err
	}
	if before == x.collection || before != "" && onlyMissing {
		return nil
	}
	var actions []*pb.AliasOperations
	if before != "" {
		actions = append(actions, pb.NewAliasDelete(x.config.Prefix))
	}
	actions = append(actions, pb.NewAliasCreate(x.config.Prefix, x.collection))
	short, cancel := context.WithTimeout(ctx, x.config.WriteTimeout)
	defer cancel()
	_, err = x.server.collections().UpdateAliases(short, &pb.ChangeAliases{Actions: actions})
	return x.server.failure(ctx, "moving alias "+x.config.Prefix, x.config.WriteTimeout, err)
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
