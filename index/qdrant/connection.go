package qdrant

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/semroute/semroute/index"
)

// maxAnswer bounds what is read of one answer: a page of entries with the
// longest utterances.
const maxAnswer = 64 << 20

// reconnecting is how soon a server that was restarted is found again; gRPC's
// own default waits up to two minutes.
var reconnecting = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second},
	MinConnectTimeout: 5 * time.Second,
}

// connections are the open connections to one server; calls take turns.
type connections struct {
	address string
	clients []*pb.GrpcClient
	turn    atomic.Uint32
	closed  atomic.Bool
}

func connect(c Config) (*connections, error) {
	host, port, err := hostPort(c.Address)
	if err != nil {
		return nil, err
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // the client joins host and port as they are
	}
	s := &connections{address: c.Address}
	for range c.Connections {
		client, err := pb.NewGrpcClient(&pb.Config{
			Host: host, Port: port,
			UseTLS: c.TLS != nil, TLSConfig: c.TLS,
			SkipCompatibilityCheck: true, // it would dial, and log on its own
			KeepAliveTime:          30,
			KeepAliveTimeout:       5,
			GrpcOptions: []grpc.DialOption{
				grpc.WithConnectParams(reconnecting),
				grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
				grpc.WithChainUnaryInterceptor(sendKey(c.APIKey)),
			},
		})
		if err != nil {
			_ = s.close()
			return nil, fmt.Errorf("qdrant index: %w", err)
		}
		s.clients = append(s.clients, client)
	}
	return s, nil
}

func sendKey(key string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if key != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "api-key", key)
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}

func (s *connections) next() *pb.GrpcClient {
	n := uint32(len(s.clients))
	return s.clients[s.turn.Add(1)%n]
}

func (s *connections) points() pb.PointsClient           { return s.next().Points() }
func (s *connections) collections() pb.CollectionsClient { return s.next().Collections() }

func (s *connections) close() error {
	if s.closed.Swap(true) {
		return index.ErrClosed
	}
	var all []error
	for _, c := range s.clients {
		all = append(all, c.Close())
	}
	return errors.Join(all...)
}

// failure turns the error of a call into one of the contract's. The caller's
// own cancellation or deadline comes back as such.
func (s *connections) failure(ctx context.Context, doing string, limit time.Duration, err error) error {
	switch {
	case err == nil:
		return nil
	case s.closed.Load():
		return index.ErrClosed
	case ctx.Err() != nil:
		return fmt.Errorf("qdrant index: %s: %w", doing, ctx.Err())
	}
	var exhausted *pb.QdrantResourceExhaustedError
	if errors.As(err, &exhausted) {
		return fmt.Errorf("%w: qdrant at %s refused %s for now, retry after %d s: %s",
			index.ErrUnavailable, s.address, doing, exhausted.RetryAfterS, exhausted.Reason)
	}
	st := status.Convert(err)
	switch st.Code() {
	case codes.Unavailable:
		return fmt.Errorf("%w: qdrant at %s: %s", index.ErrUnreachable, s.address, st.Message())
	case codes.DeadlineExceeded, codes.Canceled:
		return fmt.Errorf("%w: qdrant at %s did not answer %s within %v", index.ErrUnreachable, s.address, doing, limit)
	case codes.Unauthenticated, codes.PermissionDenied:
		return fmt.Errorf("%w: qdrant at %s refused %s, check the API key and what it may do: %s", index.ErrUnavailable, s.address, doing, st.Message())
	default:
		return fmt.Errorf("%w: qdrant at %s, %s: %s", index.ErrUnavailable, s.address, doing, st.Message())
	}
}

// isCode tells whether the server answered with this status.
func isCode(err error, code codes.Code) bool { return err != nil && status.Code(err) == code }
