package server

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"github.com/rs/zerolog"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server/peers"
	"google.golang.org/grpc"
)

// calls is what every call passes through: log line, status, panic guard, who
// calls, validation, limits, deadline. One interceptor, because the order matters.
type calls struct {
	log        zerolog.Logger
	logPrompts bool
	timeout    time.Duration
	validator  protovalidate.Validator
	access     *access
	// draining is done when the server is to end.
	draining context.Context
}

func (c *calls) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := time.Now()
	peers.Arrived(ctx)
	ctx, cause := c.enter(ctx, info.FullMethod)
	var resp any
	if cause == nil {
		resp, cause = c.guarded(ctx, req, handler)
	}
	err := toStatus(cause)
	c.logCall(ctx, info.FullMethod, req, outcomeOf(resp, cause), cause, err, time.Since(start))
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// stream is the same for streams. The forwarder's own limits bound how long
// one may take.
func (c *calls) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	start := time.Now()
	ctx, cause := c.enter(ss.Context(), info.FullMethod)
	watched := &watchedStream{ServerStream: ss, calls: c, ctx: ctx}
	defer watched.end()
	if watches(info.FullMethod) { // it ends with its caller only, which would keep a drain waiting
		ctx, cancel := context.WithCancel(watched.ctx)
		defer cancel()
		defer context.AfterFunc(c.draining, cancel)()
		watched.ctx = ctx
	}
	if cause == nil {
		cause = guard(func() error { return handler(srv, watched) })
	}
	err := toStatus(cause)
	c.logCall(ctx, info.FullMethod, watched.request, watched.sent, cause, err, time.Since(start))
	return err
}

// enter finds out who calls; whatever goes wrong there is one failed call.
func (c *calls) enter(ctx context.Context, method string) (entered context.Context, err error) {
	entered = ctx
	err = guard(func() error {
		entered, err = c.access.enter(ctx, method)
		return err
	})
	return entered, err
}

// watches says that a stream tells of changes for as long as its caller listens.
func watches(method string) bool { return isUpkeep(method) || strings.Contains(method, "/Watch") }

// watchedStream validates what comes in and keeps what the log line says.
type watchedStream struct {
	grpc.ServerStream
	calls   *calls
	ctx     context.Context
	request any
	sent    outcome
	leave   []func()
}

// end ends what the requests of the stream have begun.
func (w *watchedStream) end() {
	for _, leave := range w.leave {
		leave()
	}
}

// Context implements grpc.ServerStream.
func (w *watchedStream) Context() context.Context { return w.ctx }

// RecvMsg implements grpc.ServerStream.
func (w *watchedStream) RecvMsg(m any) error {
	if err := w.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	peers.Arrived(w.ctx)
	w.request = m
	if err := validate(w.calls.validator, m); err != nil {
		return err
	}
	leave, err := w.calls.access.admit(w.ctx, m)
	if err == nil {
		w.leave = append(w.leave, leave)
	}
	return err
}

// SendMsg implements grpc.ServerStream.
func (w *watchedStream) SendMsg(m any) error {
	if response, ok := m.(*semroutev1.StreamRouteResponse); ok {
		switch event := response.GetEvent().(type) {
		case *semroutev1.StreamRouteResponse_Decision:
			w.sent.decision = event.Decision
		case *semroutev1.StreamRouteResponse_Record:
			w.sent.record = event.Record
		}
	}
	return w.ServerStream.SendMsg(m)
}

// guarded runs the handler inside the server's own time limit and turns a
// panic into an error.
func (c *calls) guarded(ctx context.Context, req any, handler grpc.UnaryHandler) (resp any, err error) {
	err = guard(func() error {
		if err := validate(c.validator, req); err != nil {
			return err
		}
		leave, err := c.access.admit(ctx, req)
		if err != nil {
			return err
		}
		defer leave()
		if _, ok := ctx.Deadline(); !ok && !forwards(req) {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, c.timeout)
			defer cancel()
		}
		if err := ctx.Err(); err != nil { // nobody waits any longer
			return err
		}
		resp, err = handler(ctx, req)
		return err
	})
	return resp, err
}

// forwards says that the forwarder's limits hold, not the decision's.
func forwards(req any) bool {
	route, ok := req.(*semroutev1.RouteRequest)
	return ok && route.GetForward()
}

// guard turns a panic into an error.
func guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}
