package qdrant_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

func TestOpenNamesTheAddressThatDoesNotAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close())
	_, err = qdrant.Open(t.Context(), qdrant.Config{Address: address, Prefix: "p", Fingerprint: "f", Dimension: 4})
	if !errors.Is(err, index.ErrUnreachable) || !strings.Contains(err.Error(), address) {
		t.Errorf("error is %v, want ErrUnreachable with %s", err, address)
	}
}

func TestServerFailuresBecomeTheContractsErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		fail error
		want error
		says string
	}{
		{"gone away", status.Error(codes.Unavailable, "draining"), index.ErrUnreachable, "127.0.0.1:"},
		{"out of order", status.Error(codes.Internal, "Service internal error: oops"), index.ErrUnavailable, "oops"},
		{"collection dropped", status.Error(codes.NotFound, "Not found"), index.ErrLost, "was deleted"},
		{"wrong key", status.Error(codes.PermissionDenied, "Invalid API key"), index.ErrUnavailable, "check the API key"},
		{"too many requests", status.Error(codes.ResourceExhausted, "rate limit"), index.ErrUnavailable, "rate limit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := qdranttest.New(t)
			x := open(t, config(s, "one"))
			must(t, x.Replace(t.Context(), some(3)))
			s.Fail("Points/Query", 0, 1, test.fail)
			if err := searchError(t, x); !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error is %v, want %v saying %q", err, test.want, test.says)
			}
			must(t, searchError(t, x)) // and then it goes on
		})
	}
}

func TestSlowServerEndsTheCallNotTheCaller(t *testing.T) {
	s := qdranttest.New(t)
	c := config(s, "one")
	c.SearchTimeout = 20 * time.Millisecond
	x := open(t, c)
	must(t, x.Replace(t.Context(), some(3)))
	s.Delay("Points/Query", 2, time.Minute)
	if err := searchError(t, x); !errors.Is(err, index.ErrUnreachable) || !strings.Contains(err.Error(), "20ms") {
		t.Errorf("error is %v, want ErrUnreachable after 20ms", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := x.Search(ctx, index.Query{Vector: some(1)[0].Vector, K: 1})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, index.ErrUnreachable) {
		t.Errorf("error is %v, want the caller's own deadline", err)
	}
}

func TestAPIKeyIsSent(t *testing.T) {
	s := qdranttest.New(t)
	s.RequireKey("secret")
	if _, err := qdrant.Open(t.Context(), config(s, "one")); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("without a key: %v, want ErrUnavailable", err)
	}
	c := config(s, "one")
	c.APIKey = "secret"
	must(t, open(t, c).Replace(t.Context(), some(1)))
}

func TestTLS(t *testing.T) {
	// httptest brings a certificate for 127.0.0.1.
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS()
	defer web.Close()
	certificate := web.TLS.Certificates[0]
	trust := x509.NewCertPool()
	trust.AddCert(web.Certificate())
	s := qdranttest.New(t, grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13})))
	c := config(s, "one")
	c.TLS = &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS13}
	must(t, open(t, c).Replace(t.Context(), some(1)))
	c.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	if _, err := qdrant.Open(t.Context(), c); !errors.Is(err, index.ErrUnreachable) {
		t.Errorf("unknown certificate: %v, want ErrUnreachable", err)
	}
}

func TestConfigIsCheckedAsAWhole(t *testing.T) {
	for name, c := range map[string]qdrant.Config{
		"address without port": {Address: "localhost", Prefix: "p", Dimension: 4},
		"address without host": {Address: ":6334", Prefix: "p", Dimension: 4},
		"no prefix":            {Address: "localhost:6334", Dimension: 4},
		"prefix with a slash":  {Address: "localhost:6334", Prefix: "a/b", Dimension: 4},
		"no dimension":         {Address: "localhost:6334", Prefix: "p"},
		"negative ef":          {Address: "localhost:6334", Prefix: "p", Dimension: 4, EF: -1},
		"negative timeout":     {Address: "localhost:6334", Prefix: "p", Dimension: 4, SearchTimeout: -1},
	} {
		if _, err := qdrant.Open(t.Context(), c); !errors.Is(err, index.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	_, err := qdrant.Open(t.Context(), qdrant.Config{})
	for _, part := range []string{"address", "prefix", "dimension"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error %v does not name the %s", err, part)
		}
	}
}

func TestSettingsReachTheServer(t *testing.T) {
	s := qdranttest.New(t)
	c := config(s, "one")
	c.EF, c.Quantize, c.VectorsOnDisk, c.PayloadOnDisk, c.Shards, c.Replicas = 128, true, true, true, 4, 2
	var created *pb.CreateCollection
	var query *pb.QueryPoints
	s.OnCall(func(_ string, request any) {
		switch r := request.(type) {
		case *pb.CreateCollection:
			created = r
		case *pb.QueryPoints:
			query = r
		}
	})
	x := open(t, c)
	must(t, x.Replace(t.Context(), some(3)))
	_, err := x.Search(t.Context(), index.Query{Vector: some(1)[0].Vector, K: 1, Routes: []string{"r", "s"}})
	must(t, err)

	wantCreated := &pb.CreateCollection{
		CollectionName: x.Collection(),
		VectorsConfig:  pb.NewVectorsConfig(&pb.VectorParams{Size: dimension, Distance: pb.Distance_Cosine, OnDisk: pb.PtrOf(true)}),
		QuantizationConfig: pb.NewQuantizationScalar(&pb.ScalarQuantization{
			Type: pb.QuantizationType_Int8, AlwaysRam: pb.PtrOf(true),
		}),
		OnDiskPayload: pb.PtrOf(true), ShardNumber: pb.PtrOf(uint32(4)), ReplicationFactor: pb.PtrOf(uint32(2)),
	}
	if diff := cmp.Diff(wantCreated, created, protocmp.Transform()); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	wantQuery := &pb.QueryPoints{
		CollectionName: x.Collection(),
		Query:          pb.NewQueryDense(some(1)[0].Vector),
		Filter:         &pb.Filter{Must: []*pb.Condition{pb.NewMatchKeywords("route", "r", "s")}},
		Params: &pb.SearchParams{
			HnswEf:       pb.PtrOf(uint64(128)),
			Quantization: &pb.QuantizationSearchParams{Rescore: pb.PtrOf(true)},
		},
		Limit:       pb.PtrOf(uint64(2)),
		WithPayload: pb.NewWithPayload(false),
	}
	if diff := cmp.Diff(wantQuery, query, protocmp.Transform()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

func TestWhatOthersWroteIsRefused(t *testing.T) {
	s := qdranttest.New(t)
	x := open(t, config(s, "one"))
	must(t, x.Replace(t.Context(), some(1)))
	host, port := "127.0.0.1", 0
	if _, p, err := net.SplitHostPort(s.Address()); err == nil {
		port, err = net.LookupPort("tcp", p)
		must(t, err)
	}
	client, err := pb.NewClient(&pb.Config{Host: host, Port: port, SkipCompatibilityCheck: true})
	must(t, err)
	defer func() { _ = client.Close() }()

	_, err = client.Upsert(t.Context(), &pb.UpsertPoints{CollectionName: x.Collection(), Points: []*pb.PointStruct{{
		Id: pb.NewIDUUID("2baeda54-77b3-518e-aee1-a5c2952f74b9"), Vectors: pb.NewVectorsDense(some(1)[0].Vector),
	}}})
	must(t, err)
	if _, err := qdrant.Open(t.Context(), config(s, "one")); !errors.Is(err, index.ErrUnavailable) || !strings.Contains(err.Error(), "2baeda54") {
		t.Errorf("Open: %v, want ErrUnavailable naming the point", err)
	}
	got, err := x.Search(t.Context(), index.Query{Vector: some(1)[0].Vector, K: 5})
	if err != nil || len(got) != 1 || got[0].Utterance != some(1)[0].Utterance {
		t.Errorf("an open index finds %v, %v; want its own entry", got, err)
	}

	must(t, client.DeleteCollection(t.Context(), x.Collection()))
	must(t, client.CreateCollection(t.Context(), &pb.CreateCollection{
		CollectionName: x.Collection(), VectorsConfig: pb.NewVectorsConfig(&pb.VectorParams{Size: 3, Distance: pb.Distance_Cosine}),
	}))
	if _, err := qdrant.Open(t.Context(), config(s, "one")); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("Open of a collection of 3 components: %v, want ErrUnavailable", err)
	}
}
