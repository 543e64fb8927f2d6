package openai

import (
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// reader reads one answer: chat.completion.chunks, or one chat.completion.
type reader struct {
	emit  wire.Emit
	end   forward.End
	at    wire.Progress
	said  bool // some text, reasoning or refusal was emitted
	whole int  // messages that are whole, as far as one can see
	parts int  // other choices
	tools wire.ToolCalls
	usage counts
}

var _ wire.Protocol = (*reader)(nil)

func newReader(emit wire.Emit, known []forward.Tool) *reader {
	return &reader{emit: emit, tools: wire.ToolCalls{Emit: emit, Known: known}}
}

// Progress implements wire.Protocol.
func (r *reader) Progress() wire.Progress { return r.at }

// End implements wire.Protocol.
func (r *reader) End() forward.End {
	end := r.end
	end.Usage = r.usage.usage()
	return end
}

// Take implements wire.Protocol. Chunks that carry nothing are passed over: only
// an answer without any choice is none.
func (r *reader) Take(_ string, chunk gjson.Result) error {
	if r.end.Model == "" {
		r.end.Model = chunk.Get("model").Str
	}
	r.usage.take(chunk)
	choices := chunk.Get("choices")
	switch {
	case choices.IsArray():
		for _, c := range choices.Array() {
			if err := r.choice(c, chunk); err != nil {
				return err
			}
		}
	case choices.IsObject():
		return r.choice(choices, chunk)
	}
	return nil
}

// choice reads the first choice; others are not asked for.
func (r *reader) choice(c, chunk gjson.Result) error {
	if c.Get("index").Int() != 0 || !c.IsObject() {
		return nil
	}
	r.at = max(r.at, wire.Begun)
	if failed := c.Get("error"); failed.IsObject() || failed.Type == gjson.String {
		return wire.Failure(0, nil, []byte(c.Raw))
	}
	r.usage.take(c)
	said := r.delta(c, chunk)
	if said.IsObject() {
		if err := r.says(said, c.Get("logprobs.content")); err != nil {
			return err
		}
		if err := r.calls(said); err != nil {
			return err
		}
	} else if said.Type != gjson.String {
		said = c.Get("text")
	}
	if said.Type == gjson.String {
		if err := r.piece(forward.Piece{Text: said.Str}); err != nil {
			return err
		}
	}
	return r.finish(c)
}

// delta is the part of the choice that says something. Some servers write it
// as message; a whole message after the deltas only repeats them.
func (r *reader) delta(c, chunk gjson.Result) gjson.Result {
	delta, message := c.Get("delta"), c.Get("message")
	object := chunk.Get("object").Str
	speaks := message.IsObject() || message.Type == gjson.String
	if speaks && !delta.Exists() && object != "chat.completion.chunk" {
		r.whole++
	} else {
		r.parts++
	}
	switch {
	case !speaks, carries(delta), r.some() && (delta.Exists() || object == "chat.completion"):
		return delta
	}
	return message
}

// some says whether there is anything in the answer.
func (r *reader) some() bool { return r.said || r.tools.Len() > 0 }

// says emits the text of a delta, and what is kept apart from it.
func (r *reader) says(delta, probs gjson.Result) error {
	content := delta.Get("content")
	piece := forward.Piece{Text: text(content), Reasoning: reasoning(delta), Refusal: text(delta.Get("refusal"))}
	if content.IsArray() {
		piece.Reasoning += kept(content, "thinking")
		piece.Refusal += kept(content, "refusal")
	}
	if probs.IsArray() && probs.Raw != "[]" {
		piece.Tokens = json.RawMessage(probs.Raw)
	}
	for _, p := range probs.Array() {
		piece.LogProbs = append(piece.LogProbs, wire.Finite(p.Get("logprob")))
	}
	if piece.Refusal != "" {
		r.end.Finish = forward.FinishFiltered
	}
	return r.piece(piece)
}

// calls reads the tool calls of a delta, which older servers know one of.
func (r *reader) calls(delta gjson.Result) error {
	list := delta.Get("tool_calls")
	if old := delta.Get("function_call"); old.IsObject() && len(list.Array()) == 0 {
		return r.tools.TakeFunction(old)
	}
	return r.tools.Take(list)
}

func (r *reader) piece(p forward.Piece) error {
	if p.Text == "" && p.Reasoning == "" && p.Refusal == "" && len(p.LogProbs) == 0 {
		return nil
	}
	r.said = true
	return r.emit(p)
}

// finish reads why the answer ends.
func (r *reader) finish(c gjson.Result) error {
	reason := c.Get("finish_reason")
	if reason.IsObject() {
		reason = reason.Get("type")
	}
	word, _, _ := strings.Cut(strings.ToLower(reason.Str), ":") // "content_filter: RECITATION"
	switch word {
	case "", "null", "none":
		return nil
	case "error", "insufficient_system_resource", "network_error", "abort", "aborted", "cancelled", "timeout":
		return &forward.UpstreamError{Class: forward.ServerError, Message: "the upstream broke the answer off: " + reason.Str}
	case "malformed_function_call", "function_call_filter", "unexpected_tool_call":
		return wire.Garbled("the model's tool call is not readable", reason.Str)
	}
	r.at = wire.Finished
	switch word {
	case "content_filter", "content-filter", "content_filtered", "safety", "prohibited_content", "recitation", "refusal",
		"sensitive", "guardrail_intervened", "blocklist", "spii", "image_safety", "moderation":
		r.end.Finish = forward.FinishFiltered
	case "length", "max_tokens", "model_length", "max_output_tokens", "model_context_window_exceeded":
		r.end.Finish = forward.FinishLength
	default:
		if r.end.Finish != forward.FinishFiltered {
			r.end.Finish = forward.FinishStop
		}
	}
	return nil
}

// Close implements wire.Protocol. An answer whose server marks its end is
// complete also without a reason, when there is something in it, and so is a
// single message that is whole.
func (r *reader) Close(told bool) error {
	switch {
	case r.at == wire.Finished:
	case told && r.some(), r.whole == 1 && r.parts == 0:
		r.end.Finish = forward.FinishStop
	default:
		return wire.Broken()
	}
	if r.end.Finish == forward.FinishFiltered && !r.some() {
		return &forward.UpstreamError{Class: forward.ContentFilter, Message: "the provider's filter withheld the answer"}
	}
	if err := r.tools.Close(); err != nil {
		return err
	}
	if r.end.Finish == forward.FinishStop && r.tools.Len() > 0 {
		r.end.Finish = forward.FinishToolCalls
	}
	return nil
}
