// Package qdranttest is a double of a Qdrant server for tests: the services
// of the official client's stubs, over a real socket, on collections in
// memory. It refuses what Qdrant refuses, with the same status code, and what
// it does not know it answers with UNIMPLEMENTED instead of guessing. It
// counts calls, and fails or delays them where a test asks for it. Searches
// are exact, and equal scores come in the order of ids, as Qdrant promises no
// better.
package qdranttest

import (
	"context"
	"maps"
	"net"
	"path"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// Server is a running double; it is safe for concurrent use.
type Server struct {
	pb.UnimplementedQdrantServer
	address string
	apiKey  string

	mu          sync.Mutex
	collections map[string]*collection
	aliases     map[string]string
	calls       map[string]int
	rules       []*rule
	onCall      func(method string, request any)
	onPause     func()
	readOnly    bool
	connections int

	options []grpc.ServerOption
	running *grpc.Server
	done    chan error // of the running one
}

// rule is something that is to happen to coming calls.
type rule struct {
	method string
	skip   int // so many calls pass before
	times  int // then so many are hit
	delay  time.Duration
	err    error
}

// New starts a server on a free local port, which stops when the test ends.
// Options go to the gRPC server, such as its TLS credentials.
func New(tb testing.TB, options ...grpc.ServerOption) *Server {
	tb.Helper()
	s := &Server{
		address:     "127.0.0.1:0",
		collections: make(map[string]*collection),
		aliases:     make(map[string]string),
		calls:       make(map[string]int),
	}
	s.options = slices.Concat(options, []grpc.ServerOption{grpc.UnaryInterceptor(s.intercept), grpc.StatsHandler(counter{s})})
	s.Start(tb)
	tb.Cleanup(func() { s.Stop(tb) })
	return s
}

// Start starts a stopped server again, at its address and with what it held.
func (s *Server) Start(tb testing.TB) {
	tb.Helper()
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", s.address)
	if err != nil {
		tb.Fatalf("qdranttest: %v", err)
	}
	s.address = listener.Addr().String()
	server := grpc.NewServer(s.options...)
	pb.RegisterQdrantServer(server, s)
	pb.RegisterCollectionsServer(server, &collectionsService{s: s})
	pb.RegisterPointsServer(server, &pointsService{s: s})
	done := make(chan error, 1)
	s.running, s.done = server, done
	go func() { done <- server.Serve(listener) }()
}

// Stop ends all connections and takes no more.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	if s.running == nil {
		return
	}
	s.running.Stop()
	if err := <-s.done; err != nil {
		tb.Errorf("qdranttest: %v", err)
	}
	s.running = nil
}

// Address is the host and port the server listens on.
func (s *Server) Address() string { return s.address }

// RequireKey refuses calls without this API key from now on.
func (s *Server) RequireKey(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.apiKey = key
}

// ReadOnly refuses calls that change anything, as to a key that may only read.
func (s *Server) ReadOnly() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readOnly = true
}

// Connections is how many clients' connections are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// counter counts connections.
type counter struct{ s *Server }

func (counter) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (counter) HandleRPC(context.Context, stats.RPCStats)                         {}
func (counter) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

func (c counter) HandleConn(_ context.Context, event stats.ConnStats) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	switch event.(type) {
	case *stats.ConnBegin:
		c.s.connections++
	case *stats.ConnEnd:
		c.s.connections--
	}
}

// Calls is how often a method was called, such as "Points/Upsert", since the
// start or the last Forget.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Writes is how many calls were made that change anything.
func (s *Server) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for method, count := range s.calls {
		if changes(method) {
			n += count
		}
	}
	return n
}

// changes tells whether a call of the method changes anything.
func changes(method string) bool {
	switch method {
	case "Points/Upsert", "Points/Delete", "Points/CreateFieldIndex",
		"Collections/Create", "Collections/Delete", "Collections/UpdateAliases":
		return true
	}
	return false
}

// Forget sets all counts back to zero.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.calls)
}

// Fail makes the method fail with err, after skip further calls of it, as
// often as times says.
func (s *Server) Fail(method string, skip, times int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &rule{method: method, skip: skip, times: times, err: err})
}

// Delay makes the next calls of the method wait so long, as often as times
// says, or until the caller gives up.
func (s *Server) Delay(method string, times int, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &rule{method: method, times: times, delay: delay})
}

// Heal ends all failures and delays to come.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

// OnCall has look see every request before it is answered.
func (s *Server) OnCall(look func(method string, request any)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = look
}

// OnPause has step run wherever a request that is half done lets others in: a
// search between its segments and before it reads payloads, a long write
// between its parts.
func (s *Server) OnPause(step func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onPause = step
}

// letOthersIn gives the lock, which the caller holds, to those who wait for it.
func (s *Server) letOthersIn() {
	step := s.onPause
	s.mu.Unlock()
	defer s.mu.Lock()
	if step != nil {
		step()
	}
	runtime.Gosched()
}

// Collections lists the names of the collections, in order.
func (s *Server) Collections() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.collections))
}

// Alias is the collection that the alias points to; "" when there is none.
func (s *Server) Alias(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.aliases[name]
}

// Size is how many points the collection holds.
func (s *Server) Size(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.collections[name]; c != nil {
		return c.size()
	}
	return 0
}

// Drop deletes a collection and the aliases that point to it, as an operator may.
func (s *Server) Drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(name)
}

func (s *Server) drop(name string) (held bool) {
	_, held = s.collections[name]
	delete(s.collections, name)
	maps.DeleteFunc(s.aliases, func(_, target string) bool { return target == name })
	return held
}

// HealthCheck answers as the version whose rules the double follows.
func (s *Server) HealthCheck(context.Context, *pb.HealthCheckRequest) (*pb.HealthCheckReply, error) {
	return &pb.HealthCheckReply{Title: "qdrant test double", Version: "1.18.0"}, nil
}

// intercept counts a call, checks its key and applies the rules.
func (s *Server) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	service, name := path.Split(info.FullMethod)
	method := service[len("/qdrant."):] + name
	delay, err := s.admit(ctx, method, request)
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
	if err != nil {
		return nil, err
	}
	return handle(ctx, request)
}

func (s *Server) admit(ctx context.Context, method string, request any) (time.Duration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[method]++
	if s.onCall != nil {
		s.onCall(method, request)
	}
	if md, _ := metadata.FromIncomingContext(ctx); s.apiKey != "" && !slices.Contains(md.Get("api-key"), s.apiKey) {
		return 0, status.Error(codes.Unauthenticated, "Must provide an API key or an Authorization bearer token")
	}
	if s.readOnly && changes(method) {
		return 0, status.Error(codes.PermissionDenied, "Forbidden: Global manage access is required")
	}
	for _, r := range s.rules {
		switch {
		case r.method != method:
			continue
		case r.skip > 0:
			r.skip--
		case r.times > 0:
			r.times--
			return r.delay, r.err
		}
	}
	return 0, nil
}
