package qualityapi

import (
	"strings"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/live"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// What an answer holds at most.
const (
	mostConfusions = 200
	mostText       = 500 // bytes
)

func toProto(m live.Measured, wrong int) *semroutev1.GetEvaluationResponse {
	r := m.Result
	resp := &semroutev1.GetEvaluationResponse{
		Fingerprint: r.Fingerprint, Time: timestamppb.New(m.Time),
		Prompts: uint32(r.N), InScope: uint32(r.NInScope), OutOfScope: uint32(r.NOutOfScope),
		Accuracy: r.Accuracy, InScopeAccuracy: r.InScopeAccuracy, OosRecall: r.OOSRecall, OosAuroc: r.OOSAUROC,
		Coverage: r.Coverage, Precision: r.Precision, MacroF1: r.MacroF1, Ece: r.ECE, Aurc: r.AURC,
		LatencyP50Us: r.Latency.P50, LatencyP99Us: r.Latency.P99, WrongCount: uint32(len(r.Errors)),
		LeftOut: leftOut(r.UnknownLabels), Degraded: r.Degraded, Truncated: r.Truncated,
	}
	for _, p := range r.RiskCoverage {
		resp.RiskCoverage = append(resp.RiskCoverage, &semroutev1.RiskPoint{Coverage: p.Coverage, Risk: p.Risk, Threshold: p.Threshold})
	}
	for _, b := range r.Reliability {
		resp.Reliability = append(resp.Reliability, &semroutev1.ReliabilityBin{From: b.From, To: b.To, Count: uint32(b.N), Confidence: b.Confidence, Accuracy: b.Accuracy})
	}
	for _, p := range r.PerRoute {
		resp.PerRoute = append(resp.PerRoute, &semroutev1.RouteQuality{
			Route: p.Route, Precision: p.Precision, Recall: p.Recall, F1: p.F1, Support: uint32(p.Support), Abstained: uint32(p.Abstained),
		})
	}
	for _, c := range r.Confusions[:min(mostConfusions, len(r.Confusions))] {
		resp.Confusions = append(resp.Confusions, confusionToProto(&c))
	}
	for _, w := range r.Errors[:min(wrong, len(r.Errors))] {
		resp.Wrong = append(resp.Wrong, wrongToProto(&w))
	}
	return resp
}

func leftOut(u *eval.Unknown) map[string]uint32 {
	if u == nil {
		return nil
	}
	counts := make(map[string]uint32, len(u.Labels))
	for label, n := range u.Labels {
		counts[strings.ToValidUTF8(label, "")] += uint32(n)
	}
	return counts
}

func confusionToProto(c *eval.Confusion) *semroutev1.Confusion {
	p := &semroutev1.Confusion{Truth: c.Truth, Predicted: c.Predicted, Count: uint32(c.Count), Accepted: uint32(c.Accepted)}
	for _, example := range c.Examples {
		p.Examples = append(p.Examples, shortened(example))
	}
	return p
}

func wrongToProto(w *eval.Wrong) *semroutev1.WrongDecision {
	return &semroutev1.WrongDecision{Text: shortened(w.Text), Truth: w.Truth, Predicted: w.Predicted, Leading: w.Leading, Confidence: w.Confidence}
}

func shortened(text string) string {
	if len(text) > mostText {
		text = text[:mostText] + "…"
	}
	return strings.ToValidUTF8(text, "")
}
