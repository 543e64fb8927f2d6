package openai

import (
	"net/http"

	"github.com/semroute/semroute/ingress/internal/openaierr"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/routes"
)

// listed is one name of a model, in the words of OpenAI's protocol and of Anthropic's,
// which asks at the same path.
type listed struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`

	Type        string `json:"type"`
	DisplayName string `json:"display_name"`
	CreatedAt   string `json:"created_at"`
}

func named(name string) listed {
	return listed{ID: name, Object: "model", OwnedBy: "semroute", Type: "model", DisplayName: name, CreatedAt: "1970-01-01T00:00:00Z"}
}

// decisionModel is a name as the decision protocol, which asks at the same path,
// lists it.
type decisionModel struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	ReleaseDate string `json:"release_date"`
}

// routerAlone is what the decision protocol can ask.
var routerAlone = []decisionModel{{routes.Auto, "the catalog's routes, decided by the router", "2026-01-01"}}

// models answers GET /v1/models: all names that a request may give.
func (h *Handler) models(w http.ResponseWriter, _ *http.Request) {
	list := []listed{}
	for _, name := range h.Calls.Catalog().TargetNames() {
		list = append(list, named(name))
	}
	web.Write(w, http.StatusOK, struct {
		Object string          `json:"object"`
		Data   []listed        `json:"data"`
		Models []decisionModel `json:"models"`
		// All names are one page of Anthropic's.
		HasMore bool   `json:"has_more"`
		FirstID string `json:"first_id"`
		LastID  string `json:"last_id"`
	}{"list", list, routerAlone, false, list[0].ID, list[len(list)-1].ID})
}

// model answers GET /v1/models/NAME.
func (h *Handler) model(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if _, known := h.Calls.Catalog().Target(name); !known {
		h.errors.Fail(w, openaierr.NoModel(name))
		return
	}
	web.Write(w, http.StatusOK, named(name))
}
