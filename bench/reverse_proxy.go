package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/semroute/semroute/bench/client"
)

// reverseProxyCommand is this program as the least that any HTTP gateway in front of
// a model's server costs: the standard library's reverse proxy, which reads nothing
// of what it hands on. It is a process of its own, as gateways are, and a peer that
// tells its address and ends with its input.
func reverseProxyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reverse-proxy TARGET", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runReverseProxy(cmd.Context(), args[0], cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

func runReverseProxy(ctx context.Context, to string, in io.Reader, out io.Writer) error {
	target, err := url.Parse(to)
	if err != nil {
		return fmt.Errorf("%w: %w", errWrongUse, err)
	}
	listener, err := client.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	proxy := &httputil.ReverseProxy{
		Transport: &http.Transport{MaxIdleConnsPerHost: concurrentStreams}, FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host },
	}
	server := &http.Server{ReadHeaderTimeout: headerTimeout, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Else the server closes the body of a request when its answer begins, which may
		// be before the end of the body was met.
		_ = http.NewResponseController(w).EnableFullDuplex()
		proxy.ServeHTTP(w, r)
	})}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	if err := json.NewEncoder(out).Encode(peerAnswer{Version: "http://" + listener.Addr().String() + target.Path}); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, in)
	err = server.Close()
	if served := <-stopped; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// newReverseProxy starts one in front of the double; its version is its address.
func (e *env) newReverseProxy(ctx context.Context, up *upstream) (*peer, error) {
	return e.startSelf(ctx, "", "reverse-proxy", up.url)
}
