package openai

import (
	"net/http"

	"github.com/semroute/semroute/ingress/internal/openaierr"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/routes"
)

// listed is one name of a model.
type listed struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

func named(name string) listed { return listed{ID: name, Object: "model", OwnedBy: "semroute"} }

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
	}{"list", list, routerAlone})
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
