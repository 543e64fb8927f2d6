package responses

import (
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/openaierr"
	"github.com/semroute/semroute/ingress/internal/web"
)

// stream is an answer that is streamed, item after item.
type stream struct {
	events *web.Events
	call   *ingress.Call
	answer *answer
	begun  bool
	number int // of the next event
	open   int // the item that is not done yet, from 1; 0 for none
}

// event is one event; what its kind does not have is left out.
type event map[string]any

// send numbers an event and holds it until all that one piece brings is there.
func (s *stream) send(kind string, e event) error {
	e["type"], e["sequence_number"] = kind, s.number
	s.number++
	return s.events.HoldJSON(kind, e)
}

// begin tells that somebody answers.
func (s *stream) begin(model string) error {
	s.begun = true
	web.TellDecision(s.events.Head(), &s.call.Decision)
	web.TellSession(s.events.Head(), s.call.Session())
	web.TellModel(s.events.Head(), model)
	web.PromiseRecord(s.events.Head())
	if model != "" {
		s.answer.Model = model
	}
	if err := s.send("response.created", event{"response": s.answer.response}); err != nil {
		return err
	}
	return s.send("response.in_progress", event{"response": s.answer.response})
}

// piece sends what one piece adds.
func (s *stream) piece(p forward.Piece) error {
	if !s.begun {
		if err := s.begin(p.Model); err != nil {
			return err
		}
	}
	for _, c := range changesOf(p) {
		if err := s.change(c); err != nil {
			return err
		}
	}
	return s.events.Flush()
}

// change sends what is added to one item, which is begun first where it is new.
func (s *stream) change(c change) error {
	before := len(s.answer.items)
	at := s.answer.place(c)
	it := &s.answer.items[at]
	if at == before {
		if err := s.start(at, it); err != nil {
			return err
		}
	}
	it.text.WriteString(c.text)
	if c.text == "" {
		return nil
	}
	e := where(it, at)
	e["delta"] = c.text
	return s.send(deltaOf(it), e)
}

// where names the place of a part in an event.
func where(it *building, at int) event {
	e := event{"item_id": it.id, "output_index": at}
	switch it.kind {
	case thoughts:
		e["summary_index"] = 0
	case words:
		e["content_index"] = 0
		if !it.refuses {
			e["logprobs"] = []struct{}{}
		}
	case call:
	}
	return e
}

// deltaOf is the name of an item's changes.
func deltaOf(it *building) string { return partOf(it) + ".delta" }

// partOf is what the events of an item's content begin with.
func partOf(it *building) string {
	switch {
	case it.kind == thoughts:
		return "response.reasoning_summary_text"
	case it.kind == call:
		return "response.function_call_arguments"
	case it.refuses:
		return "response.refusal"
	}
	return "response.output_text"
}

// start begins an item; the one before is complete.
func (s *stream) start(at int, it *building) error {
	if err := s.finish(completed); err != nil {
		return err
	}
	s.open = at + 1
	if err := s.send("response.output_item.added", event{"output_index": at, "item": it.empty()}); err != nil {
		return err
	}
	switch it.kind {
	case thoughts:
		return s.send("response.reasoning_summary_part.added", event{"item_id": it.id, "output_index": at, "summary_index": 0, "part": summary{"summary_text", ""}})
	case words:
		return s.send("response.content_part.added", event{"item_id": it.id, "output_index": at, "content_index": 0, "part": it.part("")})
	case call:
	}
	return nil
}

// finish ends the item that is open.
func (s *stream) finish(status string) error {
	if s.open == 0 {
		return nil
	}
	at := s.open - 1
	it := &s.answer.items[at]
	s.open = 0
	text, e := it.text.String(), where(it, at)
	switch {
	case it.kind == call:
		e["arguments"], e["name"] = text, it.name
	case it.refuses:
		e["refusal"] = text
	default:
		e["text"] = text
	}
	if err := s.send(partOf(it)+".done", e); err != nil {
		return err
	}
	var err error
	switch it.kind {
	case thoughts:
		err = s.send("response.reasoning_summary_part.done", event{"item_id": it.id, "output_index": at, "summary_index": 0, "part": summary{"summary_text", text}})
	case words:
		err = s.send("response.content_part.done", event{"item_id": it.id, "output_index": at, "content_index": 0, "part": it.part(text)})
	case call:
	}
	if err != nil {
		return err
	}
	return s.send("response.output_item.done", event{"output_index": at, "item": it.item(status)})
}

// end sends the whole response, which is complete by now.
func (s *stream) end(record *forward.Record) error {
	if !s.begun { // an answer without a word
		if err := s.begin(record.Model); err != nil {
			return err
		}
	}
	if err := s.finish(s.answer.Status); err != nil {
		return err
	}
	return s.last("response." + s.answer.Status)
}

// fail sends that the response broke off.
func (s *stream) fail(body openaierr.Body) error {
	s.answer.Status, s.answer.Error = failed, &body
	return s.last("response.failed")
}

// last sends the response as it is in the end.
func (s *stream) last(kind string) error {
	if err := s.send(kind, event{"response": s.answer.response}); err != nil {
		return err
	}
	return s.events.Flush()
}
