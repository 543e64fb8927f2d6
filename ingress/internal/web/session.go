package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/semroute/semroute/ingress"
)

// TellAsk gives an ask the names that a client has given its conversation: by a
// header, or by what its protocol has for that. Which of them a client sends is its
// habit; none of them says anything about who it is.
func TellAsk(ask *ingress.Ask, r *http.Request, fields map[string]json.RawMessage) {
	var metadata struct {
		SessionID string `json:"session_id"`
		UserID    string `json:"user_id"`
	}
	_ = json.Unmarshal(fields["prompt_cache_key"], &ask.CacheKey) // what is no text is refused, or sent on, by who reads the request
	_ = json.Unmarshal(fields["metadata"], &metadata)
	if !strings.Contains(metadata.UserID, "_session_") { // as Anthropic's own agent writes it
		metadata.UserID = ""
	}
	ask.Session = cmp.Or(r.Header.Get("X-Semroute-Session"), r.Header.Get("X-Session-Id"), metadata.SessionID, metadata.UserID)
}
