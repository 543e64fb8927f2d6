package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/weblistener"
)

// openAdmin listens for those who run the server; nil where nobody wants that. It has
// the same TLS, keys and roles as all else.
func openAdmin(ctx context.Context, srv *server.Server, local *engine.Engine, flags serveFlags, observed *observing, security *tls.Config, log zerolog.Logger) (*httpListener, error) {
	address := flags.telemetry.adminListen
	if address == "" {
		return nil, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--admin-listen %s: %w", address, err)
	}
	if err := flags.access.listening(listener.Addr(), log); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	log.Info().Stringer("address", listener.Addr()).Bool("tls", security != nil).Msg("listening for administrators")
	routes := map[string]ingress.Route{}
	for pattern, handle := range map[string]http.HandlerFunc{
		"GET /metrics":             observed.Handler().ServeHTTP,
		"GET /healthz":             func(w http.ResponseWriter, _ *http.Request) { answerPlainly(w, http.StatusOK, "alive") },
		"GET /readyz":              readiness(local.Status),
		"GET /debug/pprof/":        pprof.Index,
		"GET /debug/pprof/profile": pprof.Profile,
		"GET /debug/pprof/symbol":  pprof.Symbol,
		"GET /debug/pprof/trace":   pprof.Trace,
	} {
		routes[pattern] = ingress.Route{Handle: handle, Fail: failPlainly}
	}
	config := weblistener.Config{Log: log.Level(max(log.GetLevel(), zerolog.WarnLevel)), DrainTimeout: flags.drainTimeout, TLS: security, Guard: srv.Guard()}
	return &httpListener{listener: listener, web: weblistener.New(srv.Guarded(routes), config)}, nil
}

// readiness says whether prompts are answered now.
func readiness(status func() engine.Status) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		code := http.StatusServiceUnavailable
		now := status()
		if now.State.Ready() {
			code = http.StatusOK
		}
		answerPlainly(w, code, now.State.String())
	}
}

// failPlainly tells whoever may not ask why.
func failPlainly(w http.ResponseWriter, err error) {
	failure, _ := ingress.FailureOf(err)
	code := http.StatusForbidden
	switch failure.Kind {
	case ingress.Unauthenticated:
		w.Header().Set("WWW-Authenticate", "Bearer")
		code = http.StatusUnauthorized
	case ingress.Exhausted:
		code = http.StatusTooManyRequests
	case ingress.Unavailable, ingress.Internal:
		code = http.StatusServiceUnavailable
	}
	answerPlainly(w, code, failure.Message)
}

func answerPlainly(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = fmt.Fprintln(w, text)
}
