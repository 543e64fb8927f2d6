package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

// qdrantPath compares a decision on Qdrant's index with a bare query through
// Qdrant's own client for what the decision asks for.
func qdrantPath(ctx context.Context, e *env) (rows measure.Rows, err error) {
	address, against := e.qdrant, "a server at "+e.qdrant
	if address == "" {
		double := &untested{ctx: ctx}
		defer double.end()
		address, against = qdranttest.New(double).Address(), "a double in this process, which scans"
	}
	few, err := catalogs.Small()
	if err != nil {
		return nil, err
	}
	prompts := measure.Mixed(few.Prompts)[:min(len(few.Prompts), 1000)]
	config, prefix := e.staticMemory(), fmt.Sprintf("semroute-bench-%d", time.Now().UnixNano())
	config.Index = engine.IndexConfig{Kind: engine.Qdrant, Address: address, Collection: prefix}
	in, err := e.install(ctx, few.Catalog, config, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	bare, err := openQdrant(address, prefix)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.close(ctx)) }()
	queries, err := queriesOf(ctx, in.engine, prompts)
	if err != nil {
		return nil, err
	}
	v, err := measure.Paired(ctx, e.rounds(), measure.Pick(e.quick, 100, 1000),
		measure.Nth(bare.points(queries), bare.query), measure.Nth(prompts, in.decideHere), measure.Nth(prompts, in.decideThere))
	if err != nil {
		return nil, err
	}
	return measure.Rows{
		measure.Plain("bare query of Qdrant, p50", measure.Over(v[0]), "µs").Noted("%s", against),
		measure.AtMost("Qdrant path ÷ bare query, p50", measure.Divided(v[1], v[0]), "ratio", 1.10).Noted("in process; %s", against),
		measure.Plain("the same over gRPC", measure.Divided(v[2], v[0]), "ratio"),
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
