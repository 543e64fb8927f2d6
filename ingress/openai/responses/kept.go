package responses

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/ingress/internal/web"
)

// Kept keeps responses under their ids until they expire.
type Kept interface {
	// Put keeps data.
	Put(ctx context.Context, key string, data []byte, expires time.Time) error
	// Get gives it back, or an ErrNotKept.
	Get(ctx context.Context, key string) ([]byte, error)
	// Delete forgets it; it need not be there.
	Delete(ctx context.Context, key string) error
}

// ErrNotKept: there is no response of this id, or no longer.
var ErrNotKept = errors.New("no such response")

const (
	// keptFor is how long responses are kept, as OpenAI does.
	keptFor = 30 * 24 * time.Hour
	// maxKept bounds one that is kept; a larger one cannot be gone on from.
	maxKept = 4 << 20
)

// conversation is what is kept of a response: who may see it, what was said up to
// it, and the response itself.
type conversation struct {
	Owner    string          `json:"owner"`
	Messages []chat.Message  `json:"messages"`
	Response json.RawMessage `json:"response"`
}

// goOn puts what was said before in front of what is said now.
func (h *Handler) goOn(r *http.Request, q *request) error {
	if q.previous == "" {
		q.asked.Messages = q.said
		return nil
	}
	before, err := h.load(r.Context(), q.previous, "previous_response_id")
	if err != nil {
		return err
	}
	q.asked.Messages = slices.Concat(before.Messages, q.said)
	return nil
}

// keep keeps a response where the caller wants that. One that cannot be kept is
// answered all the same; its log says why.
func (h *Handler) keep(r *http.Request, a *answer) {
	if a.Store = a.request.store && h.Kept != nil; !a.Store {
		return
	}
	raw, err := json.Marshal(a.response)
	if err == nil {
		messages := append(append([]chat.Message{}, a.request.asked.Messages...), a.turn())
		raw, err = json.Marshal(conversation{Owner: auth.FromContext(r.Context()).ID, Messages: messages, Response: raw})
	}
	if err == nil && len(raw) > maxKept {
		err = fmt.Errorf("it has %d bytes, at most %d are kept", len(raw), maxKept)
	}
	if err == nil {
		err = h.Kept.Put(r.Context(), a.ID, raw, h.Now().Add(keptFor))
	}
	if err != nil {
		a.Store = false
		h.Log.Warn().Err(err).Str("response", a.ID).Msg("a response is not kept")
	}
}

// load gives a kept response to its owner, and to nobody else.
func (h *Handler) load(ctx context.Context, id, field string) (*conversation, error) {
	if h.Kept == nil {
		return nil, web.Bad(field, "responses are not kept here: start the server with a store, or send the conversation itself")
	}
	raw, err := h.Kept.Get(ctx, id)
	if errors.Is(err, ErrNotKept) {
		return nil, errUnknown(field, id)
	}
	if err != nil {
		return nil, fmt.Errorf("a kept response: %w", err)
	}
	var c conversation
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("a kept response: %w", err)
	}
	if c.Owner != auth.FromContext(ctx).ID {
		return nil, errUnknown(field, id)
	}
	return &c, nil
}

func errUnknown(field, id string) error {
	return web.Missing(field, "there is no response %q, or no longer", id)
}

// get answers GET /v1/responses/ID.
func (h *Handler) get(w http.ResponseWriter, r *http.Request) {
	c, err := h.load(r.Context(), r.PathValue("id"), "id")
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	web.Write(w, http.StatusOK, c.Response)
}

// remove answers DELETE /v1/responses/ID.
func (h *Handler) remove(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	_, err := h.load(r.Context(), id, "id")
	if err == nil {
		err = h.Kept.Delete(r.Context(), id)
	}
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	web.Write(w, http.StatusOK, map[string]any{"id": id, "object": "response", "deleted": true})
}
