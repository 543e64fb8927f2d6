package server

import (
	"encoding/json"
	"fmt"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// requestFromProto converts a validated prompt and its options. A system
// message that opens the conversation is the request's system text. A part of
// an unknown kind can be routed but not sent on, which is a forward.ErrInvalid.
func requestFromProto(p *semroutev1.Prompt, o *semroutev1.CallOptions) (forward.Request, error) {
	r := forward.Request{
		System: o.GetSystem(), MaxTokens: int(o.GetMaxTokens()), Stop: o.GetStop(), Seed: optional(o.GetSeed(), o != nil && o.Seed != nil),
		Temperature: optional(o.GetTemperature(), o != nil && o.Temperature != nil),
		TopP:        optional(o.GetTopP(), o != nil && o.TopP != nil),
		User:        p.GetUser().GetId(),
	}
	for _, t := range o.GetTools() {
		r.Tools = append(r.Tools, forward.Tool{Name: t.GetName(), Description: t.GetDescription(), Parameters: json.RawMessage(t.GetParametersJson())})
	}
	r.ToolChoice = forward.ToolChoice{Mode: toolModeFromProto(o.GetToolChoice().GetMode()), Name: o.GetToolChoice().GetName()}
	if s := o.GetJsonSchema(); s != nil {
		r.Schema = &forward.Schema{Name: s.GetName(), JSON: json.RawMessage(s.GetSchemaJson()), Strict: s.GetStrict()}
	}
	if p.GetChat() == nil {
		r.Messages = forward.Ask(p.GetText()).Messages
		return r, nil
	}
	r.Messages = messagesFromProto(p.GetChat())
	if err := onlyKnownParts(r.Messages); err != nil {
		return r, err
	}
	if len(r.Messages) > 1 && r.Messages[0].Role == chat.System && r.System == "" {
		r.System = r.Messages[0].Text()
		r.Messages = r.Messages[1:]
	}
	return r, nil
}

// onlyKnownParts names the part by its place in the caller's own request.
func onlyKnownParts(messages []chat.Message) error {
	for i := range messages {
		for j, part := range messages[i].Parts {
			if part.Other != "" {
				return fmt.Errorf("%w: prompt.chat.messages[%d].parts[%d]: a part of kind %q cannot be sent to a model", forward.ErrInvalid, i, j, part.Other)
			}
		}
	}
	return nil
}

func optional[T any](value T, set bool) *T {
	if !set {
		return nil
	}
	return &value
}

func toolModeFromProto(m semroutev1.ToolChoice_Mode) forward.ToolMode {
	switch m {
	case semroutev1.ToolChoice_AUTO:
		return forward.AutoTool
	case semroutev1.ToolChoice_NONE:
		return forward.NoTool
	case semroutev1.ToolChoice_REQUIRED:
		return forward.MustTool
	case semroutev1.ToolChoice_ONE:
		return forward.OneTool
	}
	return forward.AnyChoice
}
