package openai

import (
	"context"
	"net/http"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/web"
)

// chatCompletions answers POST /v1/chat/completions.
func (h *Handler) chatCompletions(w http.ResponseWriter, r *http.Request) {
	fields, err := web.Fields(w, r)
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	request, err := readChat(fields, h.Calls.Catalog())
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	web.TellAsk(&request.ask, r, fields)
	call, err := h.Calls.Begin(r.Context(), request.ask)
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	a := &answer{
		id: "chatcmpl-" + call.Decision.ID, created: h.Now().Unix(), model: request.model,
		logProbs: request.logProbs, includeUsage: request.includeUsage,
	}
	if request.stream {
		h.streamChat(r.Context(), w, call, a)
		return
	}
	record, err := call.Forward(r.Context(), a.add)
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	web.TellDecision(w.Header(), &call.Decision)
	web.TellSession(w.Header(), record.Session)
	web.TellModel(w.Header(), record.Model)
	web.TellRecord(w.Header(), &record)
	web.Write(w, http.StatusOK, a.whole(&record))
}

// streamChat answers with chunks as the pieces come.
func (h *Handler) streamChat(ctx context.Context, w http.ResponseWriter, call *ingress.Call, a *answer) {
	s := chatStream{events: web.NewEvents(w), call: call, answer: a}
	defer s.events.Close()
	record, err := call.Forward(ctx, s.piece)
	if err != nil {
		h.errors.FailStream(w, s.events, err)
		return
	}
	if err := s.end(&record); err == nil {
		web.TellRecord(w.Header(), &record)
	}
}

// chatStream is an answer that is streamed.
type chatStream struct {
	events *web.Events
	call   *ingress.Call
	answer *answer
	begun  bool
}

// begin tells who answers, and that an assistant speaks.
func (s *chatStream) begin(model string) error {
	s.begun = true
	web.TellDecision(s.events.Head(), &s.call.Decision)
	web.TellSession(s.events.Head(), s.call.Session())
	web.TellModel(s.events.Head(), model)
	web.PromiseRecord(s.events.Head())
	s.answer.answers(model)
	return s.events.HoldJSON("", s.answer.chunk(delta{Role: "assistant", Content: new("")}))
}

// piece sends one piece of the answer.
func (s *chatStream) piece(p forward.Piece) error {
	if !s.begun {
		if err := s.begin(p.Model); err != nil {
			return err
		}
	}
	if d := deltaOf(p); !d.empty() {
		c := s.answer.chunk(d)
		c.Choices[0].LogProbs = s.answer.logProbsOf(p)
		if err := s.events.HoldJSON("", c); err != nil {
			return err
		}
	}
	return s.events.Flush()
}

// end sends why the answer ended and, where the caller wants it, the usage.
func (s *chatStream) end(record *forward.Record) error {
	if !s.begun { // an answer without a word
		if err := s.begin(record.Model); err != nil {
			return err
		}
	}
	last := s.answer.chunk(delta{})
	last.Choices[0].FinishReason = new(finishOf(record.Finish))
	if err := s.events.HoldJSON("", last); err != nil {
		return err
	}
	if s.answer.includeUsage {
		if err := s.events.HoldJSON("", s.answer.usageChunk(record)); err != nil {
			return err
		}
	}
	s.events.Hold("", []byte("[DONE]"))
	return s.events.Flush()
}
