package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

const (
	// maxLoggedCause bounds the failure in a line; a panic's stack fits.
	maxLoggedCause = 8 << 10
	// maxLoggedPrompt bounds each prompt in a line, maxLoggedPrompts how many of a
	// batch are there.
	maxLoggedPrompt  = 8 << 10
	maxLoggedPrompts = 16
)

// outcome is what the line says of a call besides how it ended.
type outcome struct {
	decision  *semroutev1.Decision   // nil before there is one
	record    *semroutev1.CallRecord // nil where no call was made
	decisions int                    // of a batch
}

// outcomeOf takes it from a reply or from the failure of a call.
func outcomeOf(resp any, cause error) outcome {
	var call *ingress.CallError
	if errors.As(cause, &call) {
		return outcome{decision: DecisionToProto(call.Decision), record: RecordToProto(&call.Record)}
	}
	switch r := resp.(type) {
	case *semroutev1.RouteResponse:
		return outcome{decision: r.GetDecision(), record: r.GetRecord()}
	case *semroutev1.RouteBatchResponse:
		return outcome{decisions: len(r.GetDecisions())}
	}
	return outcome{}
}

// logCall writes the one line of a call, at its end.
func (c *calls) logCall(ctx context.Context, method string, req any, out outcome, cause, err error, took time.Duration) {
	identity := auth.FromContext(ctx)
	if auth.Needed(auth.Action(method)) == auth.Admin {
		c.audit(ctx, identity, method, cause, err)
	}
	event := c.log.WithLevel(levelOf(method, err))
	if event == nil { // not logged
		return
	}
	event = event.Str("method", method).Stringer("code", status.Code(err)).Float64("latency_ms", float64(took.Microseconds())/1000)
	if !identity.Unchecked() {
		event = event.Str("caller", identity.ID)
	}
	if cause != nil {
		event = event.Str("cause", shortened(cause.Error(), maxLoggedCause))
	}
	if d := out.decision; d != nil {
		event = event.Str("decision_id", d.GetDecisionId()).Str("route", d.GetRoute()).Stringer("stage", d.GetStage()).
			Float64("confidence", d.GetConfidence()).Bool("abstained", d.GetAbstained()).Strs("degraded", d.GetDegraded())
	}
	if r := out.record; r != nil {
		event = event.Str("model", r.GetModel()).Int("attempts", len(r.GetAttempts())).Int64("cost_nano_usd", r.GetCosts().GetTotalNanoUsd())
	}
	if out.decisions > 0 {
		event = event.Int("decisions", out.decisions)
	}
	if c.logPrompts {
		event = withPrompts(event, req)
	}
	event.Msg("call")
}

// audit writes the line of an administrator's call, also of one that was refused:
// who, from where, what, and how it ended. No level of the log leaves it out.
func (c *calls) audit(ctx context.Context, who *auth.Identity, method string, cause, err error) {
	event := c.log.Log().Str("audit", method).Str("caller", who.ID).Str("caller_name", who.Name).Str("proven_by", string(who.Method)).
		Stringer("code", status.Code(err))
	if p, ok := peer.FromContext(ctx); ok {
		event = event.Stringer("from", p.Addr)
	}
	if cause != nil {
		event = event.Str("cause", shortened(cause.Error(), maxLoggedCause))
	}
	event.Msg("administration")
}

// isUpkeep says that a method is one of those that orchestrators and tools ask
// every few seconds.
func isUpkeep(method string) bool {
	return strings.HasPrefix(method, "/grpc.health.") || strings.HasPrefix(method, "/grpc.reflection.")
}

// levelOf keeps upkeep out of the usual log.
func levelOf(method string, err error) zerolog.Level {
	switch {
	case isUpkeep(method):
		return zerolog.DebugLevel
	case err != nil:
		return zerolog.WarnLevel
	}
	return zerolog.InfoLevel
}

// withPrompts adds the prompts' text, which only a setting allows.
func withPrompts(event *zerolog.Event, req any) *zerolog.Event {
	switch r := req.(type) {
	case *semroutev1.RouteRequest:
		return event.Str("prompt", shortened(promptText(r.GetPrompt()), maxLoggedPrompt))
	case *semroutev1.StreamRouteRequest:
		return event.Str("prompt", shortened(promptText(r.GetPrompt()), maxLoggedPrompt))
	case *semroutev1.RouteBatchRequest:
		prompts := r.GetPrompts()
		texts := make([]string, min(len(prompts), maxLoggedPrompts))
		for i := range texts {
			texts[i] = shortened(promptText(prompts[i]), maxLoggedPrompt)
		}
		return event.Strs("prompt", texts)
	}
	return event
}

// promptText is the text of a prompt, that of the last message of a chat.
func promptText(p *semroutev1.Prompt) string { return ingress.Text(promptFromProto(p)) }
