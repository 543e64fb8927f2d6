package anthropic

import (
	"encoding/json"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/web"
)

// stream is an answer that is streamed, block after block.
type stream struct {
	events *web.Events
	call   *ingress.Call
	answer *answer
	begun  bool
	open   int // the block that is not stopped yet, from 1; 0 for none
}

// event is one event of the protocol; what its kind does not have is left out.
type event struct {
	Type         string   `json:"type"`
	Message      *message `json:"message,omitempty"`
	Index        *int     `json:"index,omitempty"`
	ContentBlock *content `json:"content_block,omitempty"`
	Delta        any      `json:"delta,omitempty"`
	Usage        *usage   `json:"usage,omitempty"`
}

// send holds an event until all that one piece brings is there.
func (s *stream) send(e event) error { return s.events.HoldJSON(e.Type, e) }

// begin tells who answers.
func (s *stream) begin(model string) error {
	s.begun = true
	web.TellDecision(s.events.Head(), &s.call.Decision)
	web.TellSession(s.events.Head(), s.call.Session())
	web.TellModel(s.events.Head(), model)
	web.PromiseRecord(s.events.Head())
	if model != "" {
		s.answer.model = model
	}
	head := s.answer.head()
	return s.send(event{Type: "message_start", Message: &head})
}

// piece sends what one piece adds.
func (s *stream) piece(p forward.Piece) error {
	if !s.begun {
		if err := s.begin(p.Model); err != nil {
			return err
		}
	}
	for _, part := range partsOf(p) {
		if err := s.part(part); err != nil {
			return err
		}
	}
	return s.events.Flush()
}

// part sends what is added to one block, which is begun first where it is new.
func (s *stream) part(p part) error {
	known := len(s.answer.blocks)
	at := s.answer.place(p)
	if at == known {
		if err := s.start(at, p); err != nil {
			return err
		}
	}
	for _, d := range deltasOf(p) {
		if err := s.send(event{Type: "content_block_delta", Index: &at, Delta: d}); err != nil {
			return err
		}
	}
	return nil
}

// start begins a block; the one before is complete.
func (s *stream) start(at int, p part) error {
	if err := s.stop(); err != nil {
		return err
	}
	s.open = at + 1
	begun := content{Type: "text", Text: new("")}
	switch p.kind {
	case thinkingBlock:
		begun = content{Type: "thinking", Thinking: new(""), Signature: new("")}
	case sealedBlock:
		begun = content{Type: "redacted_thinking", Data: &p.text}
	case toolBlock:
		begun = content{Type: "tool_use", ID: p.id, Name: p.name, Input: json.RawMessage("{}")}
	case textBlock:
	}
	return s.send(event{Type: "content_block_start", Index: &at, ContentBlock: &begun})
}

// stop ends the block that is open.
func (s *stream) stop() error {
	if s.open == 0 {
		return nil
	}
	at := s.open - 1
	s.open = 0
	return s.send(event{Type: "content_block_stop", Index: &at})
}

// deltasOf are the changes that a part makes; what begins with its block makes
// none.
func deltasOf(p part) (deltas []map[string]string) {
	switch {
	case p.kind == thinkingBlock:
		if p.text != "" {
			deltas = append(deltas, map[string]string{"type": "thinking_delta", "thinking": p.text})
		}
		if p.proof != "" {
			deltas = append(deltas, map[string]string{"type": "signature_delta", "signature": p.proof})
		}
	case p.kind == toolBlock && p.text != "":
		deltas = append(deltas, map[string]string{"type": "input_json_delta", "partial_json": p.text})
	case p.kind == textBlock:
		deltas = append(deltas, map[string]string{"type": "text_delta", "text": p.text})
	}
	return deltas
}

// end sends why the answer ended, with the usage.
func (s *stream) end(record *forward.Record) error {
	if !s.begun { // an answer without a word
		if err := s.begin(record.Model); err != nil {
			return err
		}
	}
	if err := s.stop(); err != nil {
		return err
	}
	counted := usageOf(record.Usage)
	last := event{Type: "message_delta", Usage: &counted, Delta: map[string]any{"stop_reason": stopReasonOf(record), "stop_sequence": stopSequenceOf(record)}}
	if err := s.send(last); err != nil {
		return err
	}
	if err := s.send(event{Type: "message_stop"}); err != nil {
		return err
	}
	return s.events.Flush()
}
