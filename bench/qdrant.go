package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

// qdrantPath compares a decision on Qdrant's index with a bare query through
// Qdrant's own client for what the decision asks for.
func qdrantPath(ctx context.Context, e *env) (rows []Row, err error) {
	address, against := e.Qdrant, "a server at "+e.Qdrant
	if address == "" {
		double := &testless{ctx: ctx}
		defer double.end()
		address, against = qdranttest.New(double).Address(), "a double in this process, which scans"
	}
	few, prompts, err := small()
	if err != nil {
		return nil, err
	}
	prompts = mixed(prompts)[:min(len(prompts), 1000)]
	config, prefix := e.staticMemory(), fmt.Sprintf("semroute-bench-%d", time.Now().UnixNano())
	config.Index = engine.IndexConfig{Kind: engine.Qdrant, Address: address, Collection: prefix}
	in, err := e.install(ctx, few, config, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	bare, err := openQdrant(address, prefix)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.close(ctx)) }()
	queries, err := in.queries(ctx, prompts)
	if err != nil {
		return nil, err
	}
	v, err := paired(ctx, e.rounds(), pick(e.Quick, 100, 1000),
		nth(bare.points(queries), bare.query), nth(prompts, in.decideHere), nth(prompts, in.decideThere))
	if err != nil {
		return nil, err
	}
	return []Row{
		plain("bare query of Qdrant, p50", over(v[0]), "µs").noted("%s", against),
		atMost("Qdrant path ÷ bare query, p50", divided(v[1], v[0]), "ratio", 1.10).noted("in process; %s", against),
		plain("the same over gRPC", divided(v[2], v[0]), "ratio"),
	}, nil
}

// bareQdrant asks the collection that the router asks.
type bareQdrant struct {
	client *pb.Client
	alias  string
}

func openQdrant(address, alias string) (*bareQdrant, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address of Qdrant: %w", err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("address of Qdrant: %w", err)
	}
	client, err := pb.NewClient(&pb.Config{Host: host, Port: port, SkipCompatibilityCheck: true})
	if err != nil {
		return nil, err
	}
	return &bareQdrant{client: client, alias: alias}, nil
}

// points words the queries as a client of Qdrant does.
func (q *bareQdrant) points(queries []index.Query) []*pb.QueryPoints {
	all := make([]*pb.QueryPoints, len(queries))
	for i, asked := range queries {
		all[i] = &pb.QueryPoints{
			CollectionName: q.alias, Query: pb.NewQueryDense(asked.Vector), WithPayload: pb.NewWithPayload(true),
			Limit:  pb.PtrOf(uint64(asked.K)),
			Filter: &pb.Filter{Must: []*pb.Condition{pb.NewMatchKeywords("route", asked.Routes...)}},
		}
	}
	return all
}

func (q *bareQdrant) query(ctx context.Context, query *pb.QueryPoints) error {
	_, err := q.client.Query(ctx, query)
	return err
}

// close removes what the run has made.
func (q *bareQdrant) close(ctx context.Context) error {
	aliases, err := q.client.ListAliases(ctx)
	if err != nil {
		return errors.Join(err, q.client.Close())
	}
	for _, a := range aliases {
		if a.GetAliasName() == q.alias {
			err = errors.Join(err, q.client.DeleteCollection(ctx, a.GetCollectionName()))
		}
	}
	return errors.Join(err, q.client.Close())
}
