package rest

import (
	_ "embed"
	"net/http"

	"github.com/semroute/semroute/auth"
)

// openAPI is the document, as make generate writes it.
//
//go:embed openapi.yaml
var openAPI []byte

// Document is what asks for the OpenAPI document, which anyone may read: it says
// what the public schema does.
const Document auth.Action = "GET /openapi.yaml"

// ServeDocument answers it.
func ServeDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(openAPI) // whoever has gone needs no document
}
