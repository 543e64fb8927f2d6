package qdranttest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// collection is what the server holds under one name.
type collection struct {
	created  *pb.CreateCollection
	params   *pb.VectorParams
	schema   map[string]*pb.PayloadSchemaInfo
	segments [segmentCount]map[uuid.UUID]*point
}

// segmentCount is how many parts of a collection are searched one after the
// other, each by itself.
const segmentCount = 2

func newCollection(r *pb.CreateCollection) *collection {
	c := &collection{
		created: r, params: r.GetVectorsConfig().GetParams(), schema: make(map[string]*pb.PayloadSchemaInfo),
	}
	for i := range c.segments {
		c.segments[i] = make(map[uuid.UUID]*point)
	}
	return c
}

// segment is the one that holds this point, or would.
func (c *collection) segment(id uuid.UUID) map[uuid.UUID]*point {
	return c.segments[id[15]%segmentCount]
}

func (c *collection) size() (n int) {
	for _, s := range c.segments {
		n += len(s)
	}
	return n
}

type collectionsService struct {
	pb.UnimplementedCollectionsServer
	s *Server
}

// find returns a collection by its name or an alias. The caller holds the lock.
func (s *Server) find(name string) (*collection, error) {
	if target, ok := s.aliases[name]; ok {
		name = target
	}
	if c, ok := s.collections[name]; ok {
		return c, nil
	}
	return nil, status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", name)
}

func checkName(name string) error {
	if name == "" || len(name) > 255 || strings.ContainsAny(name, "<>:\"/\\|?*\x00\x1f") {
		return status.Errorf(codes.InvalidArgument, "Validation error in body: [collection_name: %q is not a valid name]", name)
	}
	return nil
}

// Create makes a collection of one unnamed dense vector.
func (c *collectionsService) Create(_ context.Context, r *pb.CreateCollection) (*pb.CollectionOperationResponse, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.GetCollectionName()
	if err := checkName(name); err != nil {
		return nil, err
	}
	params := r.GetVectorsConfig().GetParams()
	switch {
	case params == nil:
		return nil, status.Error(codes.InvalidArgument, "Wrong input: vectors configuration is missing")
	case params.GetSize() < 1 || params.GetSize() > 65536:
		return nil, status.Errorf(codes.InvalidArgument, "Validation error in body: [vectors_config.size: value %d invalid, must be from 1 to 65536]", params.GetSize())
	case params.GetDistance() == pb.Distance_UnknownDistance:
		return nil, status.Error(codes.InvalidArgument, "Wrong input: distance is unknown")
	case params.GetDistance() != pb.Distance_Cosine:
		return nil, status.Error(codes.Unimplemented, "the double computes cosine only")
	case r.ShardNumber != nil && r.GetShardNumber() == 0, r.ReplicationFactor != nil && r.GetReplicationFactor() == 0:
		return nil, status.Error(codes.InvalidArgument, "Validation error in body: [value 0 invalid, must be 1 or larger]")
	case s.collections[name] != nil:
		return nil, status.Errorf(codes.AlreadyExists, "Wrong input: Collection `%s` already exists!", name)
	case s.aliases[name] != "":
		return nil, status.Errorf(codes.InvalidArgument, "Wrong input: Can't create collection with name %s. Alias with the same name already exists", name)
	}
	s.collections[name] = newCollection(r)
	return &pb.CollectionOperationResponse{Result: true}, nil
}

// Get describes a collection.
func (c *collectionsService) Get(_ context.Context, r *pb.GetCollectionInfoRequest) (*pb.GetCollectionInfoResponse, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	count := uint64(found.size())
	return &pb.GetCollectionInfoResponse{Result: &pb.CollectionInfo{
		Status:        pb.CollectionStatus_Green,
		PointsCount:   &count,
		PayloadSchema: maps.Clone(found.schema),
		Config: &pb.CollectionConfig{
			Params: &pb.CollectionParams{
				ShardNumber:   max(1, found.created.GetShardNumber()),
				VectorsConfig: pb.NewVectorsConfig(found.params),
				OnDiskPayload: found.created.GetOnDiskPayload(),
			},
			QuantizationConfig: found.created.GetQuantizationConfig(),
		},
	}}, nil
}

// List names all collections.
func (c *collectionsService) List(context.Context, *pb.ListCollectionsRequest) (*pb.ListCollectionsResponse, error) {
	answer := &pb.ListCollectionsResponse{}
	for _, name := range c.s.Collections() {
		answer.Collections = append(answer.Collections, &pb.CollectionDescription{Name: name})
	}
	return answer, nil
}

// CollectionExists tells whether a name or alias leads to a collection.
func (c *collectionsService) CollectionExists(_ context.Context, r *pb.CollectionExistsRequest) (*pb.CollectionExistsResponse, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	_, err := c.s.find(r.GetCollectionName())
	return &pb.CollectionExistsResponse{Result: &pb.CollectionExists{Exists: err == nil}}, nil
}

// Delete removes a collection and the aliases that point to it.
func (c *collectionsService) Delete(_ context.Context, r *pb.DeleteCollection) (*pb.CollectionOperationResponse, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	return &pb.CollectionOperationResponse{Result: s.drop(r.GetCollectionName())}, nil
}

// ListAliases lists all aliases.
func (c *collectionsService) ListAliases(context.Context, *pb.ListAliasesRequest) (*pb.ListAliasesResponse, error) {
	return c.s.listAliases(func(string) bool { return true }), nil
}

// ListCollectionAliases lists the aliases of one collection.
func (c *collectionsService) ListCollectionAliases(_ context.Context, r *pb.ListCollectionAliasesRequest) (*pb.ListAliasesResponse, error) {
	return c.s.listAliases(func(target string) bool { return target == r.GetCollectionName() }), nil
}

func (s *Server) listAliases(of func(target string) bool) *pb.ListAliasesResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := &pb.ListAliasesResponse{}
	for _, alias := range slices.Sorted(maps.Keys(s.aliases)) {
		if target := s.aliases[alias]; of(target) {
			answer.Aliases = append(answer.Aliases, &pb.AliasDescription{AliasName: alias, CollectionName: target})
		}
	}
	return answer
}

// UpdateAliases applies all actions, or none when one of them is wrong.
func (c *collectionsService) UpdateAliases(_ context.Context, r *pb.ChangeAliases) (*pb.CollectionOperationResponse, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.aliases)
	for _, action := range r.GetActions() {
		var err error
		switch a := action.GetAction().(type) {
		case *pb.AliasOperations_CreateAlias:
			err = s.createAlias(next, a.CreateAlias.GetAliasName(), a.CreateAlias.GetCollectionName())
		case *pb.AliasOperations_DeleteAlias:
			delete(next, a.DeleteAlias.GetAliasName())
		case *pb.AliasOperations_RenameAlias:
			err = renameAlias(next, a.RenameAlias.GetOldAliasName(), a.RenameAlias.GetNewAliasName())
		default:
			err = status.Error(codes.InvalidArgument, "Malformed AliasOperations type")
		}
		if err != nil {
			return nil, err
		}
	}
	s.aliases = next
	return &pb.CollectionOperationResponse{Result: true}, nil
}

func (s *Server) createAlias(aliases map[string]string, alias, target string) error {
	if err := checkName(alias); err != nil {
		return err
	}
	if _, ok := s.collections[target]; !ok {
		return status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", target)
	}
	if _, ok := s.collections[alias]; ok {
		return status.Errorf(codes.AlreadyExists, "Wrong input: Collection `%s` already exists!", alias)
	}
	aliases[alias] = target
	return nil
}

func renameAlias(aliases map[string]string, from, to string) error {
	target, ok := aliases[from]
	if !ok {
		return status.Errorf(codes.NotFound, "Not found: Alias %s does not exists!", from)
	}
	delete(aliases, from)
	aliases[to] = target
	return nil
}
