package server

import (
	"cmp"
	"strings"

	"github.com/semroute/semroute/chat"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
)

// promptFromProto converts a validated prompt.
func promptFromProto(p *semroutev1.Prompt) router.Prompt {
	prompt := router.Prompt{
		Metadata: p.GetMetadata(),
		User:     router.User{ID: p.GetUser().GetId(), Tier: p.GetUser().GetTier(), Team: p.GetUser().GetTeam()},
	}
	if p.GetChat() == nil {
		prompt.Text = p.GetText()
		return prompt
	}
	prompt.Messages = messagesFromProto(p.GetChat())
	return prompt
}

func messagesFromProto(c *semroutev1.Chat) []chat.Message {
	messages := make([]chat.Message, len(c.GetMessages()))
	for i, m := range c.GetMessages() {
		messages[i] = messageFromProto(m)
	}
	return messages
}

func messageFromProto(m *semroutev1.Message) chat.Message {
	message := chat.Message{Role: roleFromProto(m.GetRole()), ToolCallID: m.GetToolCallId()}
	for _, part := range m.GetParts() {
		switch c := part.GetContent().(type) {
		case *semroutev1.Part_Text:
			message.Parts = append(message.Parts, chat.Part{Text: c.Text})
		case *semroutev1.Part_Image:
			message.Parts = append(message.Parts, chat.Part{Image: &chat.Image{
				MediaType: c.Image.GetMediaType(), Data: c.Image.GetData(), URL: c.Image.GetUrl(),
			}})
		case *semroutev1.Part_Other:
			message.Parts = append(message.Parts, chat.Part{Other: cmp.Or(c.Other, "unknown")})
		}
	}
	for _, t := range m.GetToolCalls() {
		message.ToolCalls = append(message.ToolCalls, chat.ToolCall{ID: t.GetId(), Name: t.GetName(), Arguments: t.GetArgumentsJson()})
	}
	return message
}

func roleFromProto(role semroutev1.Message_Role) chat.Role {
	switch role {
	case semroutev1.Message_SYSTEM:
		return chat.System
	case semroutev1.Message_ASSISTANT:
		return chat.Assistant
	case semroutev1.Message_TOOL:
		return chat.Tool
	}
	return chat.User
}

// limitsFromProto keeps 0 apart from unset: asking for none is not asking for
// the default.
func limitsFromProto(o *semroutev1.DecisionOptions) router.Limits {
	return router.Limits{
		Candidates: limit(o.GetMaxCandidates(), o != nil && o.MaxCandidates != nil),
		Matches:    limit(o.GetMaxMatches(), o != nil && o.MaxMatches != nil),
	}
}

func limit(n uint32, set bool) int {
	if set && n == 0 {
		return router.None
	}
	return int(n)
}

// DecisionToProto converts a decision to its public form.
func DecisionToProto(d *router.Decision) *semroutev1.Decision {
	p := &semroutev1.Decision{
		DecisionId:    d.ID,
		Route:         d.Route,
		Model:         d.Model(),
		Models:        d.Models,
		Confidence:    d.Confidence,
		Margin:        d.Margin,
		Stage:         stageToProto(d.Stage),
		Reason:        reasons[d.Reason],
		Explanation:   d.Explain(),
		Abstained:     d.Abstained,
		Degraded:      validTexts(d.Degraded),
		Fingerprint:   d.Fingerprint,
		Truncated:     d.Truncated,
		Cached:        d.Cached,
		Rule:          d.Rule,
		RuleCost:      d.RuleCost,
		FallbackRoute: d.FallbackRoute,
		NonTextParts:  uint32(d.NonText),
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

// validText is a text of somebody else's, made fit for the wire.
func validText(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
