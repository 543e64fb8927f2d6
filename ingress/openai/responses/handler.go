package responses

import (
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/openaierr"
	"github.com/semroute/semroute/ingress/internal/web"
)

// Config is what a Handler works with.
type Config struct {
	Calls *ingress.Service
	// Kept keeps responses for later ones that go on from them; nil keeps none.
	Kept Kept
	Log  zerolog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Handler answers the protocol. It is safe for concurrent use.
type Handler struct {
	Config
	errors openaierr.Teller
}

// New makes a handler.
func New(c Config) *Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Handler{c, openaierr.Teller{Log: c.Log, Now: c.Now}}
}

// Routes are the patterns of http.ServeMux with their handlers.
func (h *Handler) Routes() map[string]ingress.Route {
	return map[string]ingress.Route{
		"POST /v1/responses":                 {Handle: h.create, Fail: h.errors.Fail},
		"POST /v1/responses/compact":         {Handle: h.compact, Fail: h.errors.Fail},
		"GET /v1/responses/{id}":             {Handle: h.get, Fail: h.errors.Fail},
		"GET /v1/responses/{id}/input_items": {Handle: h.inputItems, Fail: h.errors.Fail},
		"DELETE /v1/responses/{id}":          {Handle: h.remove, Fail: h.errors.Fail},
	}
}

// compact answers POST /v1/responses/compact, which only OpenAI's own servers can:
// what they make of a conversation nobody else can read.
func (h *Handler) compact(w http.ResponseWriter, _ *http.Request) {
	h.errors.Fail(w, web.Missing("compact", "conversations are not compacted here"))
}

// create answers POST /v1/responses.
func (h *Handler) create(w http.ResponseWriter, r *http.Request) {
	fields, err := web.Fields(w, r)
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	q, err := read(fields, h.Calls.Catalog())
	if err == nil {
		err = h.goOn(r, q)
	}
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	ask := q.ask()
	web.TellAsk(&ask, r, fields)
	call, err := h.Calls.Begin(r.Context(), ask)
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	a := newAnswer(q, call.Decision.ID, h.Now().Unix())
	if q.stream {
		h.streamed(w, r, call, a)
		return
	}
	record, err := call.Forward(r.Context(), a.add)
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	a.complete(&record, h.Now().Unix())
	h.keep(r, a)
	web.TellDecision(w.Header(), &call.Decision)
	web.TellSession(w.Header(), record.Session)
	web.TellModel(w.Header(), record.Model)
	web.TellRecord(w.Header(), &record)
	web.Write(w, http.StatusOK, a.response)
}

// streamed answers with events as the pieces come.
func (h *Handler) streamed(w http.ResponseWriter, r *http.Request, call *ingress.Call, a *answer) {
	s := &stream{events: web.NewEvents(w), call: call, answer: a}
	defer s.events.Close()
	record, err := call.Forward(r.Context(), s.piece)
	if err != nil {
		if !s.events.Begun() {
			h.errors.Fail(w, err)
			return
		}
		_, _, body := openaierr.Of(err)
		_ = s.fail(body) // nothing can be told any more to who does not take it
		return
	}
	a.complete(&record, h.Now().Unix())
	h.keep(r, a)
	if err := s.end(&record); err == nil {
		web.TellRecord(w.Header(), &record)
	}
}
