package anthropic

import (
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/web"
)

// Config is what a Handler works with.
type Config struct {
	Calls *ingress.Service
	// Tokens counts tokens, roughly as a model would.
	Tokens forward.Counter
	Log    zerolog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Handler answers the protocol. It is safe for concurrent use.
type Handler struct{ Config }

// New makes a handler.
func New(c Config) *Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Handler{c}
}

// Routes are the patterns of http.ServeMux with their handlers.
func (h *Handler) Routes() map[string]ingress.Route {
	return map[string]ingress.Route{
		"POST /v1/messages":              {Handle: h.messages, Fail: h.refuse},
		"POST /v1/messages/count_tokens": {Handle: h.countTokens, Fail: h.refuse},
	}
}

// refuse answers with an error before anything else.
func (h *Handler) refuse(w http.ResponseWriter, err error) { h.fail(w, nil, err) }

// messages answers POST /v1/messages.
func (h *Handler) messages(w http.ResponseWriter, r *http.Request) {
	fields, err := web.Fields(w, r)
	if err != nil {
		h.fail(w, nil, err)
		return
	}
	request, err := read(fields, h.Calls.Catalog())
	if err != nil {
		h.fail(w, nil, err)
		return
	}
	request.asked.Original.Header = headersOf(r)
	if request.asked.MaxTokens == 0 {
		h.fail(w, nil, web.Bad("max_tokens", "is missing"))
		return
	}
	ask := request.ask()
	web.TellAsk(&ask, r, fields)
	call, err := h.Calls.Begin(r.Context(), ask)
	if err != nil {
		h.fail(w, nil, err)
		return
	}
	a := &answer{id: "msg_" + call.Decision.ID, model: request.model}
	if request.stream {
		a.input = forward.CountPrompt(h.Tokens, *request.asked)
		h.streamed(w, r, call, a)
		return
	}
	record, err := call.Forward(r.Context(), a.add)
	if err != nil {
		h.fail(w, nil, err)
		return
	}
	web.TellDecision(w.Header(), &call.Decision)
	web.TellSession(w.Header(), record.Session)
	web.TellModel(w.Header(), record.Model)
	web.TellRecord(w.Header(), &record)
	web.Write(w, http.StatusOK, a.whole(&record))
}

// streamed answers with events as the pieces come.
func (h *Handler) streamed(w http.ResponseWriter, r *http.Request, call *ingress.Call, a *answer) {
	s := &stream{events: web.NewEvents(w), call: call, answer: a}
	defer s.events.Close()
	record, err := call.Forward(r.Context(), s.piece)
	if err != nil {
		h.fail(w, s.events, err)
		return
	}
	if err := s.end(&record); err == nil {
		web.TellRecord(w.Header(), &record)
	}
}

// countTokens answers POST /v1/messages/count_tokens by an estimate: which model
// would count is not decided.
func (h *Handler) countTokens(w http.ResponseWriter, r *http.Request) {
	fields, err := web.Fields(w, r)
	if err != nil {
		h.fail(w, nil, err)
		return
	}
	request, err := read(fields, h.Calls.Catalog())
	if err != nil {
		h.fail(w, nil, err)
		return
	}
	web.Write(w, http.StatusOK, map[string]int64{"input_tokens": forward.CountPrompt(h.Tokens, *request.asked)})
}
