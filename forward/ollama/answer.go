package ollama

import (
	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// reader reads one answer, line by line. Lines that carry nothing are passed
// over.
type reader struct {
	emit  wire.Emit
	end   forward.End
	at    wire.Progress
	some  bool // there is text, or a thought
	tools wire.ToolCalls

	prompt, answer wire.Count
}

var _ wire.Protocol = (*reader)(nil)

func newReader(emit wire.Emit, known []forward.Tool) *reader {
	return &reader{emit: emit, tools: wire.ToolCalls{Emit: emit, Known: known, None: "{}"}}
}

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
		switch reason := line.Get("done_reason").Str; reason {
		case "load", "unload": // the model was only loaded: nothing was asked
			if !r.some && r.tools.Len() == 0 {
				return wire.Garbled("the server has answered nothing", reason)
			}
		}
		r.at = wire.Over
		r.end.Finish = forward.FinishStop
		if line.Get("done_reason").Str == "length" {
			r.end.Finish = forward.FinishLength
		}
	}
	return nil
}

// message hands on a line's text and tool calls. Ollama sends every call whole,
// servers that speak its protocol may not.
func (r *reader) message(m, probs gjson.Result) error {
	piece := forward.Piece{Text: m.Get("content").Str, Reasoning: m.Get("thinking").Str}
	if piece.Reasoning == "" {
		piece.Reasoning = m.Get("reasoning").Str
	}
	for _, p := range probs.Array() {
		piece.LogProbs = append(piece.LogProbs, wire.Finite(p.Get("logprob")))
	}
	r.some = r.some || !piece.Empty()
	if !piece.Empty() || len(piece.LogProbs) > 0 {
		if err := r.emit(piece); err != nil {
			return err
		}
	}
	return r.tools.Take(m.Get("tool_calls"))
}

// Close implements wire.Protocol.
func (r *reader) Close(bool) error {
	if r.end.Finish == "" {
		return wire.Broken()
	}
	if err := r.tools.Close(); err != nil {
		return err
	}
	if r.end.Finish == forward.FinishStop && r.tools.Len() > 0 {
		r.end.Finish = forward.FinishToolCalls
	}
	return nil
}
