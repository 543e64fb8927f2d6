package openai

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// chunk is what is read of a chat.completion.chunk. The client library's own
// type decodes every field there is, which costs several times as much for
// each piece of an answer.
type chunk struct {
	Choices *[]choice `json:"choices"`
	Usage   *usage    `json:"usage"`
	Error   *failure  `json:"error"`
}

type choice struct {
	Index        int    `json:"index"`
	FinishReason string `json:"finish_reason"`
	Delta        struct {
		Content   string      `json:"content"`
		Refusal   string      `json:"refusal"`
		ToolCalls []toolDelta `json:"tool_calls"`
	} `json:"delta"`
	Logprobs *struct {
		Content []struct {
			Logprob float64 `json:"logprob"`
		} `json:"content"`
	} `json:"logprobs"`
}

type toolDelta struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

type usage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
	Details          struct {
		CachedTokens int64 `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

type failure struct {
	Message string          `json:"message"`
	Code    json.RawMessage `json:"code"`
	Type    string          `json:"type"`
}

// stream reads one answer.
type stream struct {
	events   *wire.Events
	emit     func(forward.Piece) error
	clean    func(string) string
	end      forward.End
	finished bool
}

const lastEvent = "[DONE]"

func (s *stream) run() error {
	for {
		event, err := s.events.Next()
		switch {
		case errors.Is(err, io.EOF) && s.finished, string(event.Data) == lastEvent && s.finished:
			return nil
		case errors.Is(err, io.EOF), string(event.Data) == lastEvent:
			return wire.Broken()
		case err != nil:
			return err
		case len(event.Data) == 0: // a comment: the server is alive
			err = s.emit(forward.Piece{})
		default:
			err = s.take(event.Data)
		}
		if err != nil {
			return err
		}
	}
}

// take reads one chunk. Usage counts the whole answer wherever it stands, so
// of several the last one is right and none is added to another.
func (s *stream) take(data []byte) error {
	if c, ok := plainChoice(data); ok {
		if c.Index != 0 {
			return nil
		}
		return s.choice(&c)
	}
	return s.takeAny(data)
}

// takeAny reads a chunk of any shape. It is apart because what it needs must
// not stay on the stack of a stream that is open.
//
//go:noinline
func (s *stream) takeAny(data []byte) error {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return wire.Garbled("the answer is not of OpenAI's protocol", data)
	}
	if c.Error != nil {
		return c.Error.upstream(s.clean)
	}
	if c.Choices == nil && c.Usage == nil {
		return wire.Garbled("the answer is not of OpenAI's protocol", data)
	}
	if c.Usage != nil {
		s.end.Usage = forward.Usage{
			InputTokens: c.Usage.PromptTokens, CachedInputTokens: c.Usage.Details.CachedTokens,
			OutputTokens: c.Usage.CompletionTokens,
		}
	}
	if c.Choices == nil || len(*c.Choices) == 0 {
		return s.emit(forward.Piece{})
	}
	for i := range *c.Choices {
		if one := &(*c.Choices)[i]; one.Index == 0 {
			if err := s.choice(one); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *stream) choice(c *choice) error {
	piece := forward.Piece{Text: c.Delta.Content + c.Delta.Refusal}
	if c.Logprobs != nil {
		for _, l := range c.Logprobs.Content {
			piece.LogProbs = append(piece.LogProbs, l.Logprob)
		}
	}
	if err := s.emit(piece); err != nil {
		return err
	}
	for _, t := range c.Delta.ToolCalls {
		part := forward.ToolPiece{Index: t.Index, ID: t.ID, Name: t.Function.Name, Arguments: t.Function.Arguments}
		if err := s.emit(forward.Piece{Tool: &part}); err != nil {
			return err
		}
	}
	if c.Delta.Refusal != "" {
		s.end.Finish = forward.FinishFiltered
	}
	return s.finish(c.FinishReason)
}

func (s *stream) finish(reason string) error {
	if reason == "" {
		return nil
	}
	s.finished = true
	switch {
	case reason == "error":
		return &forward.UpstreamError{Class: forward.ServerError, Message: "the upstream broke the answer off with an error"}
	case s.end.Finish == forward.FinishFiltered, reason == "content_filter":
		s.end.Finish = forward.FinishFiltered
	case reason == "length":
		s.end.Finish = forward.FinishLength
	case reason == "tool_calls", reason == "function_call":
		s.end.Finish = forward.FinishToolCalls
	default:
		s.end.Finish = forward.FinishStop
	}
	return nil
}

// upstream sorts a failure that came in mid-answer, where there is no status
// any more but sometimes a code that says the same.
func (f *failure) upstream(clean func(string) string) error {
	e := &forward.UpstreamError{Class: forward.ServerError, Message: clean(f.Message)}
	var status int
	if json.Unmarshal(f.Code, &status) == nil && status >= 400 && status < 600 {
		e.Class, e.Status = wire.ClassOf(status), status
	} else if strings.Contains(f.Type+string(f.Code), "rate_limit") {
		e.Class = forward.RateLimited
	}
	return e
}
