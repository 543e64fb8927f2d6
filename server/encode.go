package server

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/semroute/semroute/router"
	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of the fields that appendReply and what it calls write; the test
// of this file holds them to the schema, field by field.
const (
	replyDecision = 1

	decisionID            = 1
	decisionRoute         = 2
	decisionModel         = 3
	decisionConfidence    = 4
	decisionMargin        = 5
	decisionStage         = 6
	decisionReason        = 7
	decisionExplanation   = 8
	decisionAbstained     = 9
	decisionCandidates    = 10
	decisionMatches       = 11
	decisionDegraded      = 12
	decisionFingerprint   = 13
	decisionTruncated     = 14
	decisionTimings       = 15
	decisionRule          = 16
	decisionFallbackRoute = 17
	decisionNonTextParts  = 18
	decisionCached        = 19
	decisionModels        = 20
	decisionRuleCost      = 21
	decisionEmbeddedTurns = 22
)

// appendReply appends a RouteResponse that holds the decision: the bytes that
// proto.Marshal makes of DecisionToProto.
func appendReply(b []byte, d *router.Decision) []byte {
	b, start := begin(b, replyDecision)
	b = appendDecision(b, d)
	return end(b, start)
}

func appendDecision(b []byte, d *router.Decision) []byte {
	b = appendString(b, decisionID, d.ID)
	b = appendString(b, decisionRoute, d.Route)
	b = appendString(b, decisionModel, d.Model())
	b = appendDouble(b, decisionConfidence, d.Confidence)
	b = appendDouble(b, decisionMargin, d.Margin)
	b = appendNumber(b, decisionStage, uint64(stageToProto(d.Stage)))
	b = appendString(b, decisionReason, string(d.Reason))
	b, start := begin(b, decisionExplanation)
	b = d.AppendExplanation(b)
	b = end(b, start)
	b = appendBool(b, decisionAbstained, d.Abstained)
	for i := range d.Candidates {
		b = appendCandidate(b, &d.Candidates[i])
	}
	for i := range d.Matches {
		b = appendMatch(b, &d.Matches[i])
	}
	for _, text := range validTexts(d.Degraded) {
		b = appendElement(b, decisionDegraded, text)
	}
	b = appendString(b, decisionFingerprint, d.Fingerprint)
	b = appendBool(b, decisionTruncated, d.Truncated)
	b = appendTimings(b, d.Timings)
	b = appendString(b, decisionRule, d.Rule)
	b = appendString(b, decisionFallbackRoute, d.FallbackRoute)
	b = appendNumber(b, decisionNonTextParts, uint64(uint32(d.NonText)))
	b = appendBool(b, decisionCached, d.Cached)
	for _, model := range d.Models {
		b = appendElement(b, decisionModels, model)
	}
	b = appendNumber(b, decisionRuleCost, d.RuleCost)
	return appendNumber(b, decisionEmbeddedTurns, uint64(uint32(d.Turns)))
}

func appendCandidate(b []byte, c *router.Candidate) []byte {
	b, start := begin(b, decisionCandidates)
	b = appendString(b, 1, c.Route)
	b = appendDouble(b, 2, c.Probability)
	b = appendDouble(b, 3, c.Similarity)
	return end(b, start)
}

func appendMatch(b []byte, m *router.Match) []byte {
	b, start := begin(b, decisionMatches)
	b = appendString(b, 1, m.Route)
	b = appendString(b, 2, m.Utterance)
	b = appendDouble(b, 3, float64(m.Similarity))
	return end(b, start)
}

func appendTimings(b []byte, t router.Timings) []byte {
	b, start := begin(b, decisionTimings)
	for i, micros := range [...]uint32{t.Total, t.Rules, t.Embed, t.Search, t.Score} {
		b = appendNumber(b, protowire.Number(i+1), uint64(micros))
	}
	return end(b, start)
}

// begin opens a field that ends where end is called, and whose length is not
// known before.
func begin(b []byte, field protowire.Number) ([]byte, int) {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return append(b, 0), len(b)
}

// end writes the length of the field that begin opened at start. Lengths from
// 128 on take more than the byte that was left for them.
func end(b []byte, start int) []byte {
	n := len(b) - start - 1
	if n < 1<<7 {
		b[start] = byte(n)
		return b
	}
	var length [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(length[:], uint64(n))
	return slices.Replace(b, start, start+1, length[:size]...)
}

// The scalars leave out what is not set, as proto3 does.

func appendString(b []byte, field protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return appendElement(b, field, s)
}

// appendElement appends a string of a list, which counts even when empty.
func appendElement(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func appendDouble(b []byte, field protowire.Number, x float64) []byte {
	bits := math.Float64bits(x)
	if bits == 0 {
		return b
	}
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), bits)
}

func appendNumber(b []byte, field protowire.Number, n uint64) []byte {
	if n == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}

func appendBool(b []byte, field protowire.Number, set bool) []byte {
	return appendNumber(b, field, protowire.EncodeBool(set))
}
