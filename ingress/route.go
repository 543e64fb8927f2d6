package ingress

import "net/http"

// Route is how a pattern of http.ServeMux is answered.
type Route struct {
	Handle http.HandlerFunc
	// Fail tells an error in the shape that the protocol's clients expect: what
	// stands before the protocols, such as who may call, does not know them.
	Fail func(w http.ResponseWriter, err error)
}
