package server

import (
	"crypto/x509"
	"net/http"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/ingress"
)

// Guarded has the routes answered to those who may call, within their limits: by
// the same table, keys and counts as gRPC.
func (s *Server) Guarded(routes map[string]ingress.Route) map[string]http.HandlerFunc {
	handlers := make(map[string]http.HandlerFunc, len(routes))
	for pattern, route := range routes {
		handlers[pattern] = roomed(s.access.room, s.access.guarded(auth.Action(pattern), route))
	}
	return handlers
}

func (a *access) guarded(action auth.Action, route ingress.Route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, err := a.identify(r.Context(), action, func() (auth.Credentials, error) {
			return auth.FromHeader(func(name string) []string { return r.Header.Values(name) }, verified(r))
		})
		if err != nil {
			route.Fail(w, err)
			return
		}
		leave, err := a.limits.Enter(auth.FromContext(ctx), 1)
		if err != nil {
			route.Fail(w, err)
			return
		}
		defer leave()
		route.Handle(w, r.WithContext(ctx))
	}
}

// verified is the client's verified certificate, nil where there is none.
func verified(r *http.Request) *x509.Certificate {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return nil
	}
	return r.TLS.VerifiedChains[0][0]
}
