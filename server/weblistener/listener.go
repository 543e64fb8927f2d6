// Package weblistener is the HTTP listener: it holds what the HTTP protocols share
// on the way in, bounds what a connection may take, guards against panics, writes
// one line a request, and drains. What is answered is the handlers'.
package weblistener

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/server/peers"
)

// What a connection may take. A body may be large and come over a slow line; an
// answer may be streamed for as long as the forwarder's own limits allow.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 2 * time.Minute
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// Config says how requests are taken.
type Config struct {
	Log zerolog.Logger
	// DrainTimeout bounds how long requests in flight may take after the end was
	// asked for.
	DrainTimeout time.Duration
	// TLS is that of the listener; nil listens without.
	TLS *tls.Config
	// Guard bounds the connections, those of other listeners together with these; nil
	// bounds none.
	Guard *peers.Guard
	// Around stands around all handlers, as what measures them does; nil stands
	// for nothing.
	Around func(http.Handler) http.Handler
}

// Listener answers HTTP/1.1 and HTTP/2, the latter also without TLS.
type Listener struct {
	config Config
	server *http.Server
}

// New makes a listener for the handlers of http.ServeMux's patterns.
func New(handlers map[string]http.HandlerFunc, config Config) *Listener {
	mux := http.NewServeMux()
	for pattern, handle := range handlers {
		mux.HandleFunc(pattern, handle)
	}
	l := &Listener{config: config}
	handler := l.watched(told(mux))
	if config.Around != nil {
		handler = config.Around(handler)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	l.server = &http.Server{
		Handler: handler, Protocols: protocols, MaxHeaderBytes: maxHeaderBytes,
		ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
	}
	if config.TLS != nil {
		l.server.TLSConfig = config.TLS.Clone() // ServeTLS adds what HTTP/2 needs
		l.server.TLSConfig.NextProtos = nil
	}
	return l
}

// Handler answers requests as Serve does, for whoever has a listener of their own.
func (l *Listener) Handler() http.Handler { return l.server.Handler }

// Serve answers on the listener until ctx ends, then lets requests in flight
// finish within the drain time; what is left is cut off. A drain is no error.
func (l *Listener) Serve(ctx context.Context, listener net.Listener) error {
	if l.config.Guard != nil {
		listener = l.config.Guard.Listen(listener)
	}
	failed := make(chan error, 1)
	go func() {
		if l.server.TLSConfig != nil {
			failed <- l.server.ServeTLS(listener, "", "")
			return
		}
		failed <- l.server.Serve(listener)
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serving HTTP on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.config.DrainTimeout)
	defer cancel()
	if err := l.server.Shutdown(drain); err != nil {
		l.config.Log.Warn().Msg("requests were still in flight after the drain time; they are cut off")
		_ = l.server.Close() // what is left behind ends with the process
	}
	if err := <-failed; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving HTTP on %s: %w", listener.Addr(), err)
	}
	return nil
}

// watched names each request, writes the one line of it, and answers a panic as a
// failure of ours.
func (l *Listener) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &seenStatus{ResponseWriter: w}
		ctx, caller := auth.NewWitness(r.Context())
		r = r.WithContext(ctx)
		id := nameRequest(w.Header(), r)
		defer func() {
			if p := recover(); p != nil {
				l.config.Log.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Str("path", r.URL.Path).Str("request_id", id).Msg("a handler panicked")
				if seen.status == 0 {
					http.Error(seen, `{"error":{"message":"internal error; the server's log says more","type":"server_error"}}`, http.StatusInternalServerError)
				}
			}
			level := zerolog.InfoLevel
			if seen.status >= http.StatusBadRequest {
				level = zerolog.WarnLevel
			}
			l.config.Log.WithLevel(level).Str("method", r.Method).Str("path", r.Pattern).Int("status", seen.status).
				Float64("latency_ms", float64(time.Since(start).Microseconds())/1000).
				Str("caller", caller.Name()).Str("request_id", id).Str("decision_id", seen.Header().Get("X-Semroute-Decision-Id")).Msg("request")
		}()
		next.ServeHTTP(seen, r)
	})
}

// seenStatus keeps the status that was answered.
type seenStatus struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (s *seenStatus) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (s *seenStatus) Write(p []byte) (int, error) {
	if s.status == 0 {
		s.status = http.StatusOK
	}
	return s.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController what it controls.
func (s *seenStatus) Unwrap() http.ResponseWriter { return s.ResponseWriter }
