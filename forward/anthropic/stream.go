package anthropic

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// event is what is read of a message stream's event. The client library's own
// type decodes every field there is, which costs several times as much for
// each piece of an answer.
type event struct {
	Type    string `json:"type"`
	Index   int    `json:"index"`
	Message struct {
		Usage *usage `json:"usage"`
	} `json:"message"`
	ContentBlock struct {
		Type string `json:"type"`
		ID   string `json:"id"`
		Name string `json:"name"`
		Text string `json:"text"`
	} `json:"content_block"`
	Delta struct {
		Type        string `json:"type"`
		Text        string `json:"text"`
		PartialJSON string `json:"partial_json"`
		StopReason  string `json:"stop_reason"`
	} `json:"delta"`
	Usage *usage   `json:"usage"`
	Error *failure `json:"error"`
}

// usage is cumulative; a field that an event leaves out keeps its value.
type usage struct {
	InputTokens  *int64 `json:"input_tokens"`
	OutputTokens *int64 `json:"output_tokens"`
	CacheRead    *int64 `json:"cache_read_input_tokens"`
	CacheWritten *int64 `json:"cache_creation_input_tokens"`
}

type failure struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// stream reads one answer.
type stream struct {
	events *wire.Events
	emit   func(forward.Piece) error
	clean  func(string) string
	end    forward.End
	tools  map[int]int // content block → number of the tool call

	uncached, read, written, output int64
}

func (s *stream) run() error {
	for {
		raw, err := s.events.Next()
		switch {
		case errors.Is(err, io.EOF):
			return s.broken()
		case err != nil:
			return err
		case len(raw.Data) == 0: // a comment: the server is alive
			if err := s.emit(forward.Piece{}); err != nil {
				return err
			}
			continue
		}
		var e event
		if json.Unmarshal(raw.Data, &e) != nil || e.Type == "" {
			return wire.Garbled("the answer is not of Anthropic's protocol", raw.Data)
		}
		if e.Type == "message_stop" {
			return s.broken()
		}
		if err := s.take(&e); err != nil {
			return err
		}
	}
}

// broken says whether the answer ended without a reason to end.
func (s *stream) broken() error {
	if s.end.Finish == "" {
		return wire.Broken()
	}
	return nil
}

// take reads one event; kinds that are not known here only say that the server
// is alive, as the protocol asks for.
func (s *stream) take(e *event) error {
	switch e.Type {
	case "error":
		return e.Error.upstream(s.clean)
	case "message_start":
		s.count(e.Message.Usage)
	case "content_block_start":
		return s.begin(e)
	case "content_block_delta":
		return s.delta(e)
	case "message_delta":
		s.count(e.Usage)
		s.finish(e.Delta.StopReason)
	}
	return s.emit(forward.Piece{})
}

func (s *stream) begin(e *event) error {
	if e.ContentBlock.Type != "tool_use" {
		return s.emit(forward.Piece{Text: e.ContentBlock.Text})
	}
	number := len(s.tools)
	if s.tools == nil {
		s.tools = map[int]int{}
	}
	s.tools[e.Index] = number
	return s.emit(forward.Piece{Tool: &forward.ToolPiece{Index: number, ID: e.ContentBlock.ID, Name: e.ContentBlock.Name}})
}

func (s *stream) delta(e *event) error {
	switch e.Delta.Type {
	case "text_delta":
		return s.emit(forward.Piece{Text: e.Delta.Text})
	case "input_json_delta":
		number, ok := s.tools[e.Index]
		if !ok {
			return wire.Garbled("the answer goes on with a tool call that it never began", []byte(e.Delta.PartialJSON))
		}
		return s.emit(forward.Piece{Tool: &forward.ToolPiece{Index: number, Arguments: e.Delta.PartialJSON}})
	}
	return s.emit(forward.Piece{})
}

// count takes a usage over; it never adds one to another, because every one
// counts from the beginning of the answer.
func (s *stream) count(u *usage) {
	if u == nil {
		return
	}
	set := func(to *int64, from *int64) {
		if from != nil {
			*to = *from
		}
	}
	set(&s.uncached, u.InputTokens)
	set(&s.read, u.CacheRead)
	set(&s.written, u.CacheWritten)
	set(&s.output, u.OutputTokens)
	s.end.Usage = forward.Usage{
		InputTokens: s.uncached + s.read + s.written, CachedInputTokens: s.read, OutputTokens: s.output,
	}
}

func (s *stream) finish(reason string) {
	switch reason {
	case "":
	case "max_tokens", "model_context_window_exceeded":
		s.end.Finish = forward.FinishLength
	case "tool_use":
		s.end.Finish = forward.FinishToolCalls
	case "refusal":
		s.end.Finish = forward.FinishFiltered
	default:
		s.end.Finish = forward.FinishStop
	}
}

// upstream sorts a failure that came in mid-answer by its type.
func (f *failure) upstream(clean func(string) string) error {
	if f == nil {
		f = &failure{}
	}
	class := forward.ServerError
	switch f.Type {
	case "rate_limit_error":
		class = forward.RateLimited
	case "invalid_request_error", "request_too_large":
		class = forward.BadRequest
	case "authentication_error", "permission_error", "billing_error":
		class = forward.Auth
	case "not_found_error":
		class = forward.NotFound
	case "timeout_error":
		class = forward.Timeout
	}
	return &forward.UpstreamError{Class: class, Message: clean(f.Message)}
}
