package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/console"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/anthropic"
	"github.com/semroute/semroute/ingress/openai"
	"github.com/semroute/semroute/ingress/openai/responses"
	"github.com/semroute/semroute/ingress/systemone"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/weblistener"
	"github.com/semroute/semroute/store"
)

// httpListener is the HTTP listener that was asked for.
type httpListener struct {
	listener net.Listener
	web      *weblistener.Listener
}

func (h *httpListener) serve(ctx context.Context) error { return h.web.Serve(ctx, h.listener) }

// openHTTP listens for the HTTP protocols; nil where nobody wants them. They take
// the same way in as gRPC, with the same keys and the same TLS.
func openHTTP(ctx context.Context, srv *server.Server, local *engine.Engine, flags serveFlags, kept store.Store, security *tls.Config, observed *observing, log zerolog.Logger) (*httpListener, error) {
	if flags.httpListen == "" {
		return nil, nil
	}
	login, err := flags.access.login()
	if err != nil {
		return nil, err
	}
	handlers, err := httpHandlers(srv, local, kept, login, log)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", flags.httpListen)
	if err != nil {
		return nil, fmt.Errorf("--http-listen %s: %w", flags.httpListen, err)
	}
	if err := flags.access.listening(listener.Addr(), log); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	page := consoleAddress(listener.Addr(), security != nil)
	log.Info().Stringer("address", listener.Addr()).Bool("tls", security != nil).Str("console", page).Msg("listening for HTTP")
	if flags.listening != nil {
		flags.listening(page)
	}
	config := weblistener.Config{Log: log, DrainTimeout: flags.drainTimeout, TLS: security, Guard: srv.Guard(), Around: around(observed.around())}
	return &httpListener{listener: listener, web: weblistener.New(handlers, config)}, nil
}

// consoleAddress is where a browser of this machine finds the console.
func consoleAddress(listening net.Addr, encrypted bool) string {
	scheme := "http"
	if encrypted {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(listening.String())
	if err == nil && net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/console/"
}

// around has sessions of browsers known before anything else looks at a request.
func around(measured func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if measured != nil {
			next = measured(next)
		}
		return console.Within(next)
	}
}

// httpHandlers are those of all HTTP protocols, by pattern.
func httpHandlers(srv *server.Server, local *engine.Engine, kept store.Store, login *console.Login, log zerolog.Logger) (map[string]http.HandlerFunc, error) {
	counter, err := engine.NewCounter()
	if err != nil {
		return nil, err
	}
	routes := map[string]ingress.Route{}
	for _, protocol := range []map[string]ingress.Route{
		openai.New(openai.Config{Calls: srv.Ingress(), Embedder: local, Tokens: counter, Log: log}).Routes(),
		responses.New(responses.Config{Calls: srv.Ingress(), Kept: keptIn(kept), Log: log}).Routes(),
		anthropic.New(anthropic.Config{Calls: srv.Ingress(), Tokens: counter, Log: log}).Routes(),
		systemone.New(systemone.Config{Calls: srv.Ingress(), Embedder: local, Tokens: counter, Log: log}).Routes(),
	} {
		maps.Copy(routes, protocol)
	}
	handlers, err := srv.Transcoded()
	if err != nil {
		return nil, err
	}
	pages, err := console.Pages(login)
	if err != nil {
		return nil, err
	}
	maps.Copy(handlers, pages)
	maps.Copy(routes, console.Sessions(login != nil))
	maps.Copy(handlers, srv.Guarded(routes))
	return handlers, nil
}
