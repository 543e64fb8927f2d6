package qdranttest

import (
	"context"
	"path"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// rule is something that is to happen to coming calls.
type rule struct {
	method string
	skip   int // so many calls pass before
	times  int // then so many are hit
	delay  time.Duration
	err    error
}

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
