package server

import (
	"strings"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
)

// DecisionToProto converts a decision to its public form.
func DecisionToProto(d *router.Decision) *semroutev1.Decision {
	p := &semroutev1.Decision{
		DecisionId:    d.ID,
		Route:         d.Route,
		Model:         d.Model(),
		Models:        d.Models,
		Confidence:    d.Confidence,
		Margin:        d.Margin,
		MinMargin:     d.MinMargin,
		Stage:         stageToProto(d.Stage),
		Reason:        reasons[d.Reason],
		Explanation:   d.Explain(),
		Abstained:     d.Abstained,
		Degraded:      validTexts(d.DegradedTexts()),
		Degradations:  degradationsToProto(d.Degraded),
		Fingerprint:   d.Fingerprint,
		Truncated:     d.Truncated,
		Cached:        d.Cached,
		Rule:          d.Rule,
		RuleCost:      d.RuleCost,
		FallbackRoute: d.FallbackRoute,
		NonTextParts:  uint32(d.NonText),
		OmittedBlocks: uint32(d.Omitted),
		EmbeddedTurns: uint32(d.Turns),
		TimingsUs: &semroutev1.Timings{
			Total: d.Timings.Total, Rules: d.Timings.Rules, Embed: d.Timings.Embed,
			Search: d.Timings.Search, Score: d.Timings.Score,
		},
	}
	p.Candidates = candidatesToProto(d.Candidates)
	p.Matches = matchesToProto(d.Matches)
	return p
}

// candidatesToProto allocates all candidates in one block.
func candidatesToProto(candidates []router.Candidate) []*semroutev1.Candidate {
	block := make([]semroutev1.Candidate, len(candidates))
	list := make([]*semroutev1.Candidate, len(candidates))
	for i, c := range candidates {
		block[i].Route, block[i].Probability, block[i].Similarity = c.Route, c.Probability, c.Similarity
		block[i].MinConfidence = c.MinConfidence
		list[i] = &block[i]
	}
	return list
}

// matchesToProto allocates all matches in one block.
func matchesToProto(matches []router.Match) []*semroutev1.Match {
	block := make([]semroutev1.Match, len(matches))
	list := make([]*semroutev1.Match, len(matches))
	for i, m := range matches {
		block[i].Route, block[i].Utterance, block[i].Similarity = m.Route, m.Utterance, float64(m.Similarity)
		list[i] = &block[i]
	}
	return list
}

func stageToProto(s router.Stage) semroutev1.Decision_Stage {
	switch s {
	case router.StageRule:
		return semroutev1.Decision_RULE
	case router.StageStatic:
		return semroutev1.Decision_STATIC
	case router.StageSemantic:
		return semroutev1.Decision_SEMANTIC
	case router.StageNamed:
		return semroutev1.Decision_NAMED
	case router.StageFallback:
		return semroutev1.Decision_FALLBACK
	}
	return semroutev1.Decision_STAGE_UNSPECIFIED
}

// validTexts are texts that may quote what is no UTF-8, made fit for the wire.
func validTexts(texts []string) []string {
	valid := make([]string, len(texts))
	for i, text := range texts {
		valid[i] = validText(text)
	}
	return valid
}

// degradationsToProto are what a decision had to do without.
func degradationsToProto(list []router.Degradation) []*semroutev1.Decision_Degradation {
	out := make([]*semroutev1.Decision_Degradation, len(list))
	for i, d := range list {
		out[i] = &semroutev1.Decision_Degradation{Cause: causes[d.Cause], Text: validText(d.Text)}
	}
	return out
}

// validText is a text of somebody else's, made fit for the wire.
func validText(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
