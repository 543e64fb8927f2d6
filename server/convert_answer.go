package server

import (
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/session"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
)

func answerToProto(a forward.Answer) *semroutev1.Answer {
	p := &semroutev1.Answer{Text: validText(a.Text), Reasoning: validText(a.Reasoning), Refusal: validText(a.Refusal)}
	for _, c := range a.ToolCalls {
		p.ToolCalls = append(p.ToolCalls, &semroutev1.ToolCall{Id: validText(c.ID), Name: validText(c.Name), ArgumentsJson: validText(c.Arguments)})
	}
	return p
}

// pieceEvent is a piece as an event of the stream. All parts are made at once:
// there is one for every piece of every answer.
func pieceEvent(piece forward.Piece) *semroutev1.StreamRouteResponse {
	var e struct {
		response semroutev1.StreamRouteResponse
		kind     semroutev1.StreamRouteResponse_Piece
		piece    semroutev1.Piece
	}
	e.response.Event, e.kind.Piece, e.piece.Text = &e.kind, &e.piece, validText(piece.Text)
	e.piece.Reasoning, e.piece.Refusal = validText(piece.Reasoning), validText(piece.Refusal)
	if t := piece.Tool; t != nil {
		e.piece.ToolCall = &semroutev1.ToolCallPiece{
			Index: uint32(t.Index), Id: validText(t.ID), Name: validText(t.Name), ArgumentsJson: validText(t.Arguments),
		}
	}
	return &e.response
}

// RecordToProto converts what became of a call to its public form.
func RecordToProto(r *forward.Record) *semroutev1.CallRecord {
	p := &semroutev1.CallRecord{
		Model: r.Model, Finish: finishes[r.Finish], Usage: usageToProto(r.Usage), Strategy: strategies[routes.Strategy(r.Strategy)],
		Cascade: r.Cascade, Downgraded: r.Downgraded, LatencyUs: r.Latency.Microseconds(),
		FirstPieceUs: r.FirstPiece.Microseconds(), Error: validText(r.Error), UpstreamModel: validText(r.UpstreamModel),
		Costs: &semroutev1.Costs{
			AnswerNanoUsd: r.Costs.Answer, FailedNanoUsd: r.Costs.Failed, RoutingNanoUsd: r.Costs.Routing,
			DearestNanoUsd: r.Costs.Dearest, TotalNanoUsd: r.Costs.Total(), Estimated: r.Costs.Estimated, Unpriced: r.Costs.Unpriced,
		},
	}
	if s := r.Session; s != nil {
		p.Session = &semroutev1.SessionTurn{Id: s.ID, PreviousModel: s.Previous, Switched: s.Switched, Reason: turns[session.Reason(s.Reason)]}
	}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		p.Attempts = append(p.Attempts, &semroutev1.Attempt{
			Model: a.Model, Status: statuses[a.Status], Error: validText(a.Error), StartUs: a.Start.Microseconds(),
			LatencyUs: a.Latency.Microseconds(), FirstPieceUs: a.FirstPiece.Microseconds(), Usage: usageToProto(a.Usage),
			CostNanoUsd: a.Cost, Unpriced: a.Unpriced, Hedge: a.Hedge, Judge: a.Judge,
		})
	}
	return p
}

func usageToProto(u forward.Usage) *semroutev1.Usage {
	return &semroutev1.Usage{
		InputTokens: u.InputTokens, CachedInputTokens: u.CachedInputTokens, OutputTokens: u.OutputTokens,
		CacheWriteTokens: u.CacheWriteTokens, ReasoningTokens: u.ReasoningTokens, Estimated: u.Estimated, Implausible: u.Implausible,
	}
}
