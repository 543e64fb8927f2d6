package server

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"buf.build/go/protovalidate"
	"github.com/rs/zerolog"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// calls is what every unary call passes through: log line, status, panic
// guard, deadline, validation. One function, because the order matters and
// each link costs a call.
type calls struct {
	log        zerolog.Logger
	logPrompts bool
	timeout    time.Duration
	validator  protovalidate.Validator
}

func (c *calls) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start := time.Now()
	resp, cause := c.guarded(ctx, req, handler)
	err := toStatus(cause)
	c.logCall(info.FullMethod, req, resp, cause, err, time.Since(start))
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// stream is the same for streams. The forwarder's own limits bound how long
// one may take.
func (c *calls) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	start := time.Now()
	watched := &watchedStream{ServerStream: ss, validator: c.validator}
	cause := guard(func() error { return handler(srv, watched) })
	err := toStatus(cause)
	c.logCall(info.FullMethod, watched.request, &watched.sent, cause, err, time.Since(start))
	return err
}

// watchedStream validates what comes in and keeps what the log line says.
type watchedStream struct {
	grpc.ServerStream
	validator protovalidate.Validator
	request   any
	sent      streamed
}

// streamed is what the log line says of a stream.
type streamed struct {
	decision *semroutev1.Decision // nil before there is one
	record   *semroutev1.CallRecord
}

// RecvMsg implements grpc.ServerStream.
func (w *watchedStream) RecvMsg(m any) error {
	if err := w.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	w.request = m
	if message, ok := m.(proto.Message); ok && !bare(m) {
		return w.validator.Validate(message)
	}
	return nil
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
		if message, ok := req.(proto.Message); ok && !bare(req) {
			if err := c.validator.Validate(message); err != nil {
				return err
			}
		}
		if _, ok := ctx.Deadline(); !ok && !forwards(req) {
			bounded := boundedBy(ctx, c.timeout)
			defer bounded.cancel()
			ctx = bounded
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

// logCall writes the one line of a call.
func (c *calls) logCall(method string, req, resp any, cause, err error, took time.Duration) {
	event := c.log.Info()
	if err != nil {
		event = c.log.Warn().AnErr("cause", cause)
	}
	event = event.Str("method", method).Stringer("code", status.Code(err)).Int64("us", took.Microseconds())
	switch r := resp.(type) {
	case *semroutev1.RouteResponse:
		event = withRecord(withDecision(event, r.GetDecision()), r.GetRecord())
	case *streamed:
		event = withRecord(withDecision(event, r.decision), r.record)
	case *semroutev1.RouteBatchResponse:
		event = event.Int("prompts", len(r.GetDecisions()))
	}
	if c.logPrompts {
		event = withPrompts(event, req)
	}
	event.Msg("call")
}

// withDecision adds what was decided; nil adds nothing.
func withDecision(event *zerolog.Event, d *semroutev1.Decision) *zerolog.Event {
	if d == nil {
		return event
	}
	return event.Str("decision", d.GetDecisionId()).Str("route", d.GetRoute()).Stringer("stage", d.GetStage()).
		Float64("confidence", d.GetConfidence()).Bool("abstained", d.GetAbstained()).Strs("degraded", d.GetDegraded())
}

// withRecord adds what became of a call; nil adds nothing.
func withRecord(event *zerolog.Event, r *semroutev1.CallRecord) *zerolog.Event {
	if r == nil {
		return event
	}
	return event.Str("model", r.GetModel()).Int("attempts", len(r.GetAttempts())).Int64("nano_usd", r.GetCosts().GetTotalNanoUsd())
}

// withPrompts adds the prompts' text, which only a setting allows.
func withPrompts(event *zerolog.Event, req any) *zerolog.Event {
	switch r := req.(type) {
	case *semroutev1.RouteRequest:
		return event.Str("prompt", promptText(r.GetPrompt()))
	case *semroutev1.StreamRouteRequest:
		return event.Str("prompt", promptText(r.GetPrompt()))
	case *semroutev1.RouteBatchRequest:
		texts := make([]string, len(r.GetPrompts()))
		for i, p := range r.GetPrompts() {
			texts[i] = promptText(p)
		}
		return event.Strs("prompt", texts)
	}
	return event
}

func promptText(p *semroutev1.Prompt) string {
	if messages := p.GetChat().GetMessages(); len(messages) > 0 {
		last := messageFromProto(messages[len(messages)-1])
		return last.Text()
	}
	return p.GetText()
}
