// Package forwardtest has doubles of model servers for tests: every provider's
// protocol as it looks on the wire, with the ways in which it fails. It is for
// tests only.
package forwardtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/semroute/semroute/routes"
)

// Protocol writes answers as one provider's servers do.
type Protocol struct {
	Provider    routes.Provider
	ContentType string
	// Start comes before the first piece.
	Start func(input int) string
	// Piece is one piece of text.
	Piece func(text string) string
	// End closes an answer; without usage when both counts are 0.
	End func(input, output int) string
	// Usage is a usage that stands before the end; it is sent in addition.
	Usage func(input, output int) string
	// Failure is an error that comes in mid-answer.
	Failure func(message string) string
	// Refusal is the body of an answer with an error's status.
	Refusal func(message string) string
}

// Protocols are those of all providers.
func Protocols() []Protocol { return []Protocol{Ollama(), OpenAI(), Anthropic()} }

func quote(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// Ollama is /api/chat.
func Ollama() Protocol {
	line := func(rest string) string {
		return `{"model":"m","created_at":"2026-01-02T03:04:05Z",` + rest + "}\n"
	}
	return Protocol{
		Provider:    routes.Ollama,
		ContentType: "application/x-ndjson",
		Start:       func(int) string { return "" },
		Piece: func(text string) string {
			return line(`"message":{"role":"assistant","content":` + quote(text) + `},"done":false`)
		},
		End: func(input, output int) string {
			counts := ""
			if input+output > 0 {
				counts = fmt.Sprintf(`,"prompt_eval_count":%d,"eval_count":%d`, input, output)
			}
			return line(`"message":{"role":"assistant","content":""},"done_reason":"stop","done":true` + counts)
		},
		Usage: func(input, output int) string {
			return line(fmt.Sprintf(`"message":{"role":"assistant","content":""},"done":false,"prompt_eval_count":%d,"eval_count":%d`, input, output))
		},
		Failure: func(message string) string { return `{"error":` + quote(message) + "}\n" },
		Refusal: func(message string) string { return `{"error":` + quote(message) + "}" },
	}
}

// OpenAI is /v1/chat/completions.
func OpenAI() Protocol {
	chunk := func(rest string) string {
		return `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",` + rest + "}\n\n"
	}
	usage := func(input, output int) string {
		return chunk(fmt.Sprintf(`"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}`, input, output, input+output))
	}
	return Protocol{
		Provider:    routes.OpenAI,
		ContentType: "text/event-stream",
		Start: func(int) string {
			return chunk(`"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]`)
		},
		Piece: func(text string) string {
			return chunk(`"choices":[{"index":0,"delta":{"content":` + quote(text) + `},"finish_reason":null}]`)
		},
		End: func(input, output int) string {
			counts := ""
			if input+output > 0 {
				counts = usage(input, output)
			}
			return chunk(`"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]`) + counts + "data: [DONE]\n\n"
		},
		Usage:   usage,
		Failure: func(message string) string { return `data: {"error":{"message":` + quote(message) + "}}\n\n" },
		Refusal: func(message string) string {
			return `{"error":{"message":` + quote(message) + `,"type":"some_error","code":null}}`
		},
	}
}

// Anthropic is /v1/messages.
func Anthropic() Protocol {
	event := func(kind, rest string) string {
		return "event: " + kind + "\ndata: {\"type\":\"" + kind + "\"" + rest + "}\n\n"
	}
	return Protocol{
		Provider:    routes.Anthropic,
		ContentType: "text/event-stream; charset=utf-8",
		Start: func(input int) string {
			usage := ""
			if input > 0 {
				usage = fmt.Sprintf(`,"usage":{"input_tokens":%d,"output_tokens":1}`, input)
			}
			return event("message_start", `,"message":{"id":"m","type":"message","role":"assistant","content":[]`+usage+"}") +
				event("content_block_start", `,"index":0,"content_block":{"type":"text","text":""}`) +
				event("ping", "")
		},
		Piece: func(text string) string {
			return event("content_block_delta", `,"index":0,"delta":{"type":"text_delta","text":`+quote(text)+"}")
		},
		End: func(input, output int) string {
			usage := ""
			if input+output > 0 {
				usage = fmt.Sprintf(`,"usage":{"input_tokens":%d,"output_tokens":%d}`, input, output)
			}
			return event("content_block_stop", `,"index":0`) +
				event("message_delta", `,"delta":{"stop_reason":"end_turn"}`+usage) + event("message_stop", "")
		},
		Usage: func(input, output int) string {
			return event("message_delta", fmt.Sprintf(`,"delta":{},"usage":{"input_tokens":%d,"output_tokens":%d}`, input, output))
		},
		Failure: func(message string) string {
			return event("error", `,"error":{"type":"overloaded_error","message":`+quote(message)+"}")
		},
		Refusal: func(message string) string {
			return `{"type":"error","error":{"type":"some_error","message":` + quote(message) + "}}"
		},
	}
}

// Wire is one answer being written.
type Wire struct {
	Protocol
	Writer  http.ResponseWriter
	Request *http.Request
}

// Script is how a double answers one call.
type Script func(w Wire)

// Send writes text and makes sure that it leaves; it is for parts of a body.
func (w Wire) Send(parts ...string) {
	w.Writer.Header().Set("Content-Type", w.ContentType)
	_, _ = w.Writer.Write([]byte(strings.Join(parts, "")))
	if f, ok := w.Writer.(http.Flusher); ok {
		f.Flush()
	}
}

// Refuse answers with an error's status.
func (w Wire) Refuse(status int, message string, headers ...string) {
	w.Writer.Header().Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		w.Writer.Header().Set(headers[i], headers[i+1])
	}
	w.Writer.WriteHeader(status)
	_, _ = w.Writer.Write([]byte(w.Refusal(message)))
}

// Hang waits until the client has gone.
func (w Wire) Hang() { <-w.Request.Context().Done() }

// Reset breaks the connection.
func (w Wire) Reset() { panic(http.ErrAbortHandler) }

// Pause waits, or less when the client goes.
func (w Wire) Pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.Request.Context().Done():
	}
}

// Answer sends a whole answer with usage.
func Answer(input, output int, pieces ...string) Script {
	return func(w Wire) {
		w.Send(w.Start(input))
		for _, p := range pieces {
			w.Send(w.Piece(p))
		}
		w.Send(w.End(input, output))
	}
}
