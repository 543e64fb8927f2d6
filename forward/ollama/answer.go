package ollama

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// maxCalls bounds the tool calls of one answer.
const maxCalls = 128

// reader reads one answer, line by line. Lines that carry nothing are passed
// over.
type reader struct {
	emit  wire.Emit
	end   forward.End
	at    wire.Progress
	tools int

	prompt, answer wire.Count
}

var _ wire.Protocol = (*reader)(nil)

// Progress implements wire.Protocol.
func (r *reader) Progress() wire.Progress { return r.at }

// End implements wire.Protocol.
func (r *reader) End() forward.End {
	end := r.end
	end.Usage = wire.Doubt(forward.Usage{InputTokens: r.prompt.N, OutputTokens: r.answer.N}, r.prompt, r.answer)
	return end
}

// Take implements wire.Protocol.
func (r *reader) Take(_ string, line gjson.Result) error {
	if r.end.Model == "" {
		r.end.Model = line.Get("model").Str
	}
	r.prompt.Take(line.Get("prompt_eval_count"))
	r.answer.Take(line.Get("eval_count"))
	message, done := line.Get("message"), line.Get("done").Type == gjson.True
	if message.IsObject() {
		r.at = wire.Begun
		if err := r.message(message, line.Get("logprobs")); err != nil {
			return err
		}
	}
	if done {
		r.at = wire.Over
		r.end.Finish = forward.FinishStop
		if line.Get("done_reason").Str == "length" {
			r.end.Finish = forward.FinishLength
		}
	}
	return nil
}

// message hands on a line's text and tool calls; Ollama sends every call whole.
func (r *reader) message(m, probs gjson.Result) error {
	piece := forward.Piece{Text: m.Get("content").Str, Reasoning: m.Get("thinking").Str}
	for _, p := range probs.Array() {
		piece.LogProbs = append(piece.LogProbs, wire.Finite(p.Get("logprob")))
	}
	if !piece.Empty() || len(piece.LogProbs) > 0 {
		if err := r.emit(piece); err != nil {
			return err
		}
	}
	for _, call := range m.Get("tool_calls").Array() {
		if err := r.call(call); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) call(c gjson.Result) error {
	part := forward.ToolPiece{Index: r.tools, ID: c.Get("id").Str, Name: c.Get("function.name").Str, Arguments: arguments(c.Get("function.arguments"))}
	switch {
	case part.Name == "":
		return wire.Garbled("the answer has a tool call without a name", c.Raw)
	case r.tools == maxCalls:
		return wire.Garbled("the answer has more tool calls than are read", c.Raw)
	case part.ID == "":
		part.ID = "call_" + strconv.Itoa(r.tools)
	}
	r.tools++
	return r.emit(forward.Piece{Tool: &part})
}

// arguments is JSON, or JSON in a text.
func arguments(v gjson.Result) string {
	switch v.Type {
	case gjson.String:
		return v.Str
	case gjson.Null:
		return "{}"
	}
	var out bytes.Buffer
	if json.Compact(&out, []byte(v.Raw)) != nil {
		return v.Raw
	}
	return out.String()
}

// Close implements wire.Protocol.
func (r *reader) Close(bool) error {
	if r.end.Finish == "" {
		return wire.Broken()
	}
	if r.end.Finish == forward.FinishStop && r.tools > 0 {
		r.end.Finish = forward.FinishToolCalls
	}
	return nil
}
