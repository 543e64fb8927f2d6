package main

import (
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server"
)

// eventJSON is a line of `chat --json`: one of its fields is there.
type eventJSON struct {
	Decision *decisionJSON `json:"decision,omitempty"`
	Piece    *pieceJSON    `json:"piece,omitempty"`
	Record   *recordJSON   `json:"record,omitempty"`
}

type pieceJSON struct {
	Text      string         `json:"text"`
	ToolCall  *toolPieceJSON `json:"tool_call"`
	Reasoning string         `json:"reasoning"`
	Refusal   string         `json:"refusal"`
}

type toolPieceJSON struct {
	Index         uint32 `json:"index"`
	ID            string `json:"id"`
	Name          string `json:"name"`
	ArgumentsJSON string `json:"arguments_json"`
}

type recordJSON struct {
	Model         string        `json:"model"`
	Finish        string        `json:"finish"`
	Usage         *usageJSON    `json:"usage"`
	Costs         *costsJSON    `json:"costs"`
	Attempts      []attemptJSON `json:"attempts"`
	Strategy      string        `json:"strategy"`
	Cascade       bool          `json:"cascade"`
	Downgraded    bool          `json:"downgraded"`
	LatencyUs     int64         `json:"latency_us,string"`
	FirstPieceUs  int64         `json:"first_piece_us,string"`
	Error         string        `json:"error"`
	UpstreamModel string        `json:"upstream_model"`
	Session       *sessionJSON  `json:"session"`
}

type sessionJSON struct {
	ID            string `json:"id"`
	PreviousModel string `json:"previous_model"`
	Switched      bool   `json:"switched"`
	Reason        string `json:"reason"`
}

type usageJSON struct {
	InputTokens       int64 `json:"input_tokens,string"`
	CachedInputTokens int64 `json:"cached_input_tokens,string"`
	OutputTokens      int64 `json:"output_tokens,string"`
	Estimated         bool  `json:"estimated"`
	CacheWriteTokens  int64 `json:"cache_write_tokens,string"`
	Implausible       bool  `json:"implausible"`
	ReasoningTokens   int64 `json:"reasoning_tokens,string"`
}

type costsJSON struct {
	AnswerNanoUsd  int64 `json:"answer_nano_usd,string"`
	FailedNanoUsd  int64 `json:"failed_nano_usd,string"`
	RoutingNanoUsd int64 `json:"routing_nano_usd,string"`
	DearestNanoUsd int64 `json:"dearest_nano_usd,string"`
	TotalNanoUsd   int64 `json:"total_nano_usd,string"`
	Estimated      bool  `json:"estimated"`
	Unpriced       bool  `json:"unpriced"`
}

type attemptJSON struct {
	Model        string     `json:"model"`
	Status       string     `json:"status"`
	Error        string     `json:"error"`
	StartUs      int64      `json:"start_us,string"`
	LatencyUs    int64      `json:"latency_us,string"`
	FirstPieceUs int64      `json:"first_piece_us,string"`
	Usage        *usageJSON `json:"usage"`
	CostNanoUsd  int64      `json:"cost_nano_usd,string"`
	Unpriced     bool       `json:"unpriced"`
	Hedge        bool       `json:"hedge"`
	Judge        bool       `json:"judge"`
}

func jsonOfEvent(e *semroutev1.StreamRouteResponse) eventJSON {
	switch e := e.GetEvent().(type) {
	case *semroutev1.StreamRouteResponse_Decision:
		return eventJSON{Decision: jsonOfDecision(e.Decision)}
	case *semroutev1.StreamRouteResponse_Piece:
		return eventJSON{Piece: jsonOfPiece(e.Piece)}
	case *semroutev1.StreamRouteResponse_Record:
		return eventJSON{Record: jsonOfRecord(e.Record)}
	}
	return eventJSON{}
}

func jsonOfPiece(p *semroutev1.Piece) *pieceJSON {
	j := &pieceJSON{Text: p.GetText(), Reasoning: p.GetReasoning(), Refusal: p.GetRefusal()}
	if t := p.GetToolCall(); t != nil {
		j.ToolCall = &toolPieceJSON{Index: t.GetIndex(), ID: t.GetId(), Name: t.GetName(), ArgumentsJSON: t.GetArgumentsJson()}
	}
	return j
}

func jsonOfRecord(r *semroutev1.CallRecord) *recordJSON {
	j := &recordJSON{
		Model: r.GetModel(), Finish: server.FinishWord(r.GetFinish()), Usage: jsonOfUsage(r.GetUsage()), Attempts: []attemptJSON{},
		Strategy: server.StrategyWord(r.GetStrategy()), Cascade: r.GetCascade(), Downgraded: r.GetDowngraded(),
		LatencyUs: r.GetLatencyUs(), FirstPieceUs: r.GetFirstPieceUs(), Error: r.GetError(), UpstreamModel: r.GetUpstreamModel(),
	}
	if c := r.GetCosts(); c != nil {
		j.Costs = &costsJSON{
			AnswerNanoUsd: c.GetAnswerNanoUsd(), FailedNanoUsd: c.GetFailedNanoUsd(), RoutingNanoUsd: c.GetRoutingNanoUsd(),
			DearestNanoUsd: c.GetDearestNanoUsd(), TotalNanoUsd: c.GetTotalNanoUsd(), Estimated: c.GetEstimated(), Unpriced: c.GetUnpriced(),
		}
	}
	if s := r.GetSession(); s != nil {
		j.Session = &sessionJSON{ID: s.GetId(), PreviousModel: s.GetPreviousModel(), Switched: s.GetSwitched(), Reason: server.TurnWord(s.GetReason())}
	}
	for _, a := range r.GetAttempts() {
		j.Attempts = append(j.Attempts, attemptJSON{
			Model: a.GetModel(), Status: server.StatusWord(a.GetStatus()), Error: a.GetError(), StartUs: a.GetStartUs(),
			LatencyUs: a.GetLatencyUs(), FirstPieceUs: a.GetFirstPieceUs(), Usage: jsonOfUsage(a.GetUsage()),
			CostNanoUsd: a.GetCostNanoUsd(), Unpriced: a.GetUnpriced(), Hedge: a.GetHedge(), Judge: a.GetJudge(),
		})
	}
	return j
}

func jsonOfUsage(u *semroutev1.Usage) *usageJSON {
	if u == nil {
		return nil
	}
	return &usageJSON{
		InputTokens: u.GetInputTokens(), CachedInputTokens: u.GetCachedInputTokens(), OutputTokens: u.GetOutputTokens(),
		Estimated: u.GetEstimated(), CacheWriteTokens: u.GetCacheWriteTokens(), Implausible: u.GetImplausible(),
		ReasoningTokens: u.GetReasoningTokens(),
	}
}
