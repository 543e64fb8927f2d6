package main

import (
	"encoding/json"
	"fmt"
	"io"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server"
)

// decisionJSON is a decision as --json prints it. Scripts read it, so its fields
// and words stay what they are, whatever becomes of the schema; whole numbers of
// 64 bits are strings, because not every reader of JSON can hold them.
type decisionJSON struct {
	DecisionID    string          `json:"decision_id"`
	Route         string          `json:"route"`
	Model         string          `json:"model"`
	Confidence    float64         `json:"confidence"`
	Margin        float64         `json:"margin"`
	Stage         string          `json:"stage"`
	Reason        string          `json:"reason"`
	Explanation   string          `json:"explanation"`
	Abstained     bool            `json:"abstained"`
	Candidates    []candidateJSON `json:"candidates"`
	Matches       []matchJSON     `json:"matches"`
	Degraded      []string        `json:"degraded"`
	Fingerprint   string          `json:"fingerprint"`
	Truncated     bool            `json:"truncated"`
	TimingsUs     *timingsJSON    `json:"timings_us"`
	Rule          string          `json:"rule"`
	FallbackRoute string          `json:"fallback_route"`
	NonTextParts  uint32          `json:"non_text_parts"`
	Cached        bool            `json:"cached"`
	Models        []string        `json:"models"`
	RuleCost      uint64          `json:"rule_cost,string"`
	EmbeddedTurns uint32          `json:"embedded_turns"`
	OmittedBlocks uint32          `json:"omitted_blocks"`
	// Degradations are Degraded with their causes.
	Degradations []degradationJSON `json:"degradations"`
	MinMargin    float64           `json:"min_margin"`
}

type degradationJSON struct {
	Cause string `json:"cause"`
	Text  string `json:"text"`
}

type candidateJSON struct {
	Route       string  `json:"route"`
	Probability float64 `json:"probability"`
	Similarity  float64 `json:"similarity"`
	// MinConfidence is what its probability must reach for it to be chosen.
	MinConfidence float64 `json:"min_confidence"`
}

type matchJSON struct {
	Route      string  `json:"route"`
	Utterance  string  `json:"utterance"`
	Similarity float64 `json:"similarity"`
}

// timingsJSON are microseconds.
type timingsJSON struct {
	Total  uint32 `json:"total"`
	Rules  uint32 `json:"rules"`
	Embed  uint32 `json:"embed"`
	Search uint32 `json:"search"`
	Score  uint32 `json:"score"`
}

func jsonOfDecision(d *semroutev1.Decision) *decisionJSON {
	j := &decisionJSON{
		DecisionID: d.GetDecisionId(), Route: d.GetRoute(), Model: d.GetModel(), Confidence: d.GetConfidence(), Margin: d.GetMargin(),
		Stage: d.GetStage().String(), Reason: server.ReasonWord(d.GetReason()), Explanation: d.GetExplanation(), Abstained: d.GetAbstained(),
		Candidates: []candidateJSON{}, Matches: []matchJSON{}, Degraded: listed(d.GetDegraded()), Fingerprint: d.GetFingerprint(),
		Truncated: d.GetTruncated(), Rule: d.GetRule(), FallbackRoute: d.GetFallbackRoute(), NonTextParts: d.GetNonTextParts(),
		Cached: d.GetCached(), Models: listed(d.GetModels()), RuleCost: d.GetRuleCost(), EmbeddedTurns: d.GetEmbeddedTurns(),
		OmittedBlocks: d.GetOmittedBlocks(), MinMargin: d.GetMinMargin(), Degradations: []degradationJSON{},
	}
	for _, one := range d.GetDegradations() {
		j.Degradations = append(j.Degradations, degradationJSON{Cause: server.CauseWord(one.GetCause()), Text: one.GetText()})
	}
	for _, c := range d.GetCandidates() {
		j.Candidates = append(j.Candidates, candidateJSON{Route: c.GetRoute(), Probability: c.GetProbability(), Similarity: c.GetSimilarity(), MinConfidence: c.GetMinConfidence()})
	}
	for _, m := range d.GetMatches() {
		j.Matches = append(j.Matches, matchJSON{Route: m.GetRoute(), Utterance: m.GetUtterance(), Similarity: m.GetSimilarity()})
	}
	if t := d.GetTimingsUs(); t != nil {
		j.TimingsUs = &timingsJSON{Total: t.GetTotal(), Rules: t.GetRules(), Embed: t.GetEmbed(), Search: t.GetSearch(), Score: t.GetScore()}
	}
	return j
}

// listed makes an empty list [] and not null.
func listed(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

// writeLineJSON prints a value as one line of JSON.
func writeLineJSON(w io.Writer, v any) error {
	to := json.NewEncoder(w)
	to.SetEscapeHTML(false)
	if err := to.Encode(v); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	return nil
}
