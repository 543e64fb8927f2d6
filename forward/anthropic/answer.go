package anthropic

import (
	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// reader reads one answer: the events of a message stream, or one message.
// Events and blocks that are not known here are passed over, as the protocol
// asks for.
type reader struct {
	emit  wire.Emit
	end   forward.End
	at    wire.Progress
	some  bool // there is something in the answer
	tools calls

	uncached, read, written, output wire.Count
}

var _ wire.Protocol = (*reader)(nil)

func newReader(emit wire.Emit) *reader { return &reader{emit: emit, tools: calls{emit: emit}} }

// Progress implements wire.Protocol.
func (r *reader) Progress() wire.Progress { return r.at }

// Take implements wire.Protocol.
func (r *reader) Take(event string, e gjson.Result) error {
	kind := e.Get("type").Str
	if kind == "" {
		kind = event
	}
	for _, path := range []string{"usage", "message.usage", "delta.usage"} {
		r.count(e.Get(path))
	}
	r.countBedrock(e.Get("amazon-bedrock-invocationMetrics"))
	switch kind {
	case "message_start":
		return r.message(e.Get("message"))
	case "message": // a whole answer at once
		if err := r.message(e); err != nil {
			return err
		}
		r.end.StopText = e.Get("stop_sequence").Str
		r.finish(e.Get("stop_reason").Str)
		if r.at == wire.Finished {
			r.at = wire.Over
		}
	case "content_block_start":
		r.at = max(r.at, wire.Begun)
		return r.block(e.Get("content_block"), e.Get("index"))
	case "content_block_delta":
		r.at = max(r.at, wire.Begun)
		return r.delta(e.Get("delta"), e.Get("index"))
	case "content_block_stop":
		return r.tools.stop(e.Get("index"))
	case "message_delta":
		r.at = max(r.at, wire.Begun)
		r.end.StopText = e.Get("delta.stop_sequence").Str
		r.finish(e.Get("delta.stop_reason").Str)
	case "message_stop":
		r.stop()
	}
	return nil
}

// message reads the head of an answer, and the blocks that it may have.
func (r *reader) message(m gjson.Result) error {
	r.at = max(r.at, wire.Begun)
	if r.end.Model == "" {
		r.end.Model = m.Get("model").Str
	}
	if content := m.Get("content"); content.Type == gjson.String {
		return r.piece(forward.Piece{Text: content.Str})
	}
	for i, block := range m.Get("content").Array() {
		index := gjson.Result{Type: gjson.Number, Num: float64(i)}
		if err := r.block(block, index); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) block(b, index gjson.Result) error {
	switch b.Get("type").Str {
	case "text":
		return r.piece(forward.Piece{Text: b.Get("text").Str})
	case "thinking":
		return r.piece(forward.Piece{Reasoning: b.Get("thinking").Str, Signature: b.Get("signature").Str})
	case "redacted_thinking":
		return r.piece(forward.Piece{Sealed: b.Get("data").Str})
	case "tool_use":
		r.some = true
		return r.tools.begin(index, b)
	}
	r.tools.other(index)
	return nil
}

func (r *reader) delta(d, index gjson.Result) error {
	switch d.Get("type").Str {
	case "text_delta":
		return r.piece(forward.Piece{Text: d.Get("text").Str})
	case "signature_delta":
		return r.piece(forward.Piece{Signature: d.Get("signature").Str})
	case "thinking_delta":
		return r.piece(forward.Piece{Reasoning: d.Get("thinking").Str})
	case "input_json_delta":
		return r.tools.input(index, d.Get("partial_json"))
	case "": // some leave it out
		if part := d.Get("partial_json"); part.Exists() {
			return r.tools.input(index, part)
		}
		return r.piece(forward.Piece{Text: d.Get("text").Str, Reasoning: d.Get("thinking").Str})
	}
	return nil
}

func (r *reader) piece(p forward.Piece) error {
	if p.Empty() {
		return nil
	}
	r.some = true
	return r.emit(p)
}

// count takes a usage over; it never adds one to another, because every one
// counts from the beginning of the answer.
func (r *reader) count(u gjson.Result) {
	if !u.IsObject() {
		return
	}
	before := r.uncached.N
	r.uncached.Take(u.Get("input_tokens"))
	if caches := tokens(u, "cache_read_input_tokens", "cache_creation_input_tokens"); caches >= before && before > 0 &&
		r.read.N == 0 && r.written.N == 0 && u.Get("input_tokens").Raw == "0" {
		r.uncached.N = 0 // all that was counted at the start came from the cache, or went there
	}
	r.read.Take(u.Get("cache_read_input_tokens"))
	r.output.Take(u.Get("output_tokens"))
	r.written.Take(u.Get("cache_creation_input_tokens"))
	if r.written.N == 0 {
		r.written.N = tokens(u, "cache_creation.ephemeral_5m_input_tokens", "cache_creation.ephemeral_1h_input_tokens")
	}
}

// tokens is the sum of the counts.
func tokens(u gjson.Result, names ...string) (sum int64) {
	for _, name := range names {
		var c wire.Count
		c.Take(u.Get(name))
		sum = wire.Sum(sum, c.N)
	}
	return sum
}

// countBedrock reads the counts that Amazon's servers put behind an answer.
func (r *reader) countBedrock(m gjson.Result) {
	r.uncached.Take(m.Get("inputTokenCount"))
	r.output.Take(m.Get("outputTokenCount"))
	r.read.Take(m.Get("cacheReadInputTokenCount"))
	r.written.Take(m.Get("cacheWriteInputTokenCount"))
}

// End implements wire.Protocol.
func (r *reader) End() forward.End {
	end := r.end
	end.Usage = wire.Doubt(forward.Usage{
		InputTokens:       wire.Sum(r.uncached.N, r.read.N, r.written.N),
		CachedInputTokens: r.read.N, CacheWriteTokens: r.written.N, OutputTokens: r.output.N,
	}, r.uncached, r.output)
	return end
}

func (r *reader) finish(reason string) {
	switch reason {
	case "":
		return
	case "max_tokens", "length", "model_context_window_exceeded":
		r.end.Finish = forward.FinishLength
	case "refusal", "content_filter", "content_filtered", "guardrail_intervened":
		r.end.Finish = forward.FinishFiltered
	default:
		r.end.Finish = forward.FinishStop
	}
	r.at = max(r.at, wire.Finished)
}

// stop is the end of the stream, which some servers send without a reason.
func (r *reader) stop() {
	if r.end.Finish == "" && r.some {
		r.end.Finish = forward.FinishStop
	}
	r.at = wire.Over
}

// Close implements wire.Protocol.
func (r *reader) Close(told bool) error {
	if told {
		r.stop()
	}
	if r.end.Finish == "" {
		return wire.Broken()
	}
	if r.end.Finish == forward.FinishFiltered && !r.some {
		return &forward.UpstreamError{Class: forward.ContentFilter, Message: "the provider's filter withheld the answer"}
	}
	if err := r.tools.close(); err != nil {
		return err
	}
	if r.end.Finish == forward.FinishStop && len(r.tools.all) > 0 {
		r.end.Finish = forward.FinishToolCalls
	}
	return nil
}
