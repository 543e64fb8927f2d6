package server

import (
	"cmp"

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
