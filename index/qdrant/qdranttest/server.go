// Package qdranttest is a double of a Qdrant server for tests: the services
// of the official client's stubs, over a real socket, on collections in
// memory. It refuses what Qdrant refuses, with the same status code, and what
// it does not know it answers with UNIMPLEMENTED instead of guessing. It
// counts calls, and fails or delays them where a test asks for it. Like Qdrant it
// isolates nobody: searches and writes go through a collection in parts, and see
// of each other what chance lets them see. Searches are exact, and equal scores come in the order of ids, as Qdrant promises no
// better.
package qdranttest

import (
	"context"
	"maps"
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
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
