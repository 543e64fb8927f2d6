package systemone

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Embedder makes vectors of texts, as the router makes those of prompts;
// *engine.Engine is one.
type Embedder interface {
	Embed(ctx context.Context, texts []string) (vectors [][]float32, model string, err error)
}

// Config is what a Handler works with.
type Config struct {
	Calls    *ingress.Service
	Embedder Embedder
	// Tokens counts the tokens of a state, roughly as a model would.
	Tokens forward.Counter
	Log    zerolog.Logger
	// Timeout bounds a request.
	Timeout time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Handler answers the protocol. It is safe for concurrent use.
type Handler struct{ Config }

// defaultTimeout bounds a request where nobody says otherwise.
const defaultTimeout = 30 * time.Second

// New makes a handler.
func New(c Config) *Handler {
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Handler{c}
}

// Routes are the patterns of http.ServeMux with their handlers.
func (h *Handler) Routes() map[string]ingress.Route {
	return map[string]ingress.Route{"POST /v1/systemone": {Handle: h.answer, Fail: h.fail}}
}

// response is what the protocol answers.
type response struct {
	Model   string            `json:"model"`
	Answers map[string]answer `json:"answers"`
	Usage   usage             `json:"usage"`
}

type usage struct {
	InputTokens  int `json:"input_tokens"`
	OutputTokens int `json:"output_tokens"`
}

// answer answers POST /v1/systemone.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request) {
	fields, err := web.Fields(w, r)
	if err != nil {
		h.fail(w, err)
		return
	}
	q, err := read(fields)
	if err != nil {
		h.fail(w, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.Timeout)
	defer cancel()
	answers, decision, err := h.answers(ctx, q)
	if err != nil {
		h.fail(w, err)
		return
	}
	if decision != nil {
		web.TellDecision(w.Header(), decision)
	}
	web.Write(w, http.StatusOK, response{
		Model: routes.Auto, Answers: answers,
		Usage: usage{InputTokens: h.Tokens.CountTokens(q.text), OutputTokens: len(answers)},
	})
}

// answers answers all questions, or none: the first that cannot be answered is an
// *unsupportedError. The decision is the one that choices of routes were made by,
// nil where there are none.
func (h *Handler) answers(ctx context.Context, q *request) (map[string]answer, *router.Decision, error) {
	known := map[string]bool{}
	for _, r := range h.Calls.Catalog().Routes {
		known[r.Name] = true
	}
	answers := map[string]answer{}
	var decision *router.Decision
	near := &nearness{embedder: h.Embedder, state: q.text}
	for _, asked := range q.questions {
		switch how, err := asked.wayOf(known); {
		case err != nil:
			return nil, nil, err
		case how == byRoutes:
			if decision == nil {
				d, err := h.decide(ctx, q, len(known))
				if err != nil {
					return nil, nil, err
				}
				decision = &d
			}
			answers[asked.name] = routed(&asked, decision)
		case how == byNothing:
			answers[asked.name] = unknowable()
		default:
			shares, err := near.shares(ctx, asked.options)
			if err != nil {
				return nil, nil, err
			}
			answers[asked.name] = asked.answered(shares)
		}
	}
	return answers, decision, nil
}

// decide decides the state, with the probabilities of all routes.
func (h *Handler) decide(ctx context.Context, q *request, routes int) (router.Decision, error) {
	return h.Calls.Decide(ctx, ingress.Ask{
		Prompt: q.prompt, Limits: router.Limits{Candidates: routes, Matches: router.None},
		Request: func() (forward.Request, error) { return forward.Ask(q.text), nil },
	})
}

// detail is one problem in the protocol's shape.
type detail struct {
	Loc  []string `json:"loc"`
	Msg  string   `json:"msg"`
	Type string   `json:"type"`
}

// fail answers with an error.
func (h *Handler) fail(w http.ResponseWriter, err error) {
	var no *unsupportedError
	var field *web.FieldError
	switch {
	case errors.As(err, &no):
		problems(w, http.StatusUnprocessableEntity, detail{append([]string{"body"}, no.path...), no.why, "unsupported"})
		return
	case errors.As(err, &field):
		problems(w, http.StatusUnprocessableEntity, detail{[]string{"body", field.Field}, field.Problem, "value_error"})
		return
	case errors.Is(err, web.ErrTooLarge):
		problems(w, http.StatusRequestEntityTooLarge, detail{[]string{"body"}, err.Error(), "too_large"})
		return
	case errors.Is(err, web.ErrRequest):
		problems(w, http.StatusUnprocessableEntity, detail{[]string{"body"}, err.Error(), "value_error"})
		return
	}
	told, known := ingress.FailureOf(err)
	if !known {
		h.Log.Error().Err(err).Msg("a request failed")
	}
	web.TellRetry(w.Header(), told.Kind, err, h.Now())
	problems(w, web.Status(told.Kind), detail{[]string{"body"}, told.Message, told.Reason})
}

func problems(w http.ResponseWriter, status int, list ...detail) {
	web.Write(w, status, map[string][]detail{"detail": list})
}
