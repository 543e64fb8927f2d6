package main

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/bench/process"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
)

// exposed compares a server that others can reach (TLS, a key for each call, metrics,
// and a trace of one call in a hundred to a collector) with one that only this machine
// can reach, each in a process of its own.
func exposed(ctx context.Context, e *env) (rows measure.Rows, err error) {
	large, err := e.source.Large()
	if err != nil {
		return nil, err
	}
	open, err := e.serve(ctx, large.Paths, "--admit-all")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, open.Close()) }()
	var traced atomic.Int64
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		traced.Add(n)
	}))
	defer collector.Close()
	guarded, err := e.serveExposed(ctx, large.Paths, collector.URL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, guarded.Close()) }()
	rates, err := measure.Alternate(ctx, e.rounds(),
		measure.RateArm(measure.ManyCallers, e.turn(), open.Decide(large.Prompts)),
		measure.RateArm(measure.ManyCallers, e.turn(), guarded.Decide(large.Prompts)))
	if err != nil {
		return nil, err
	}
	if traced.Load() == 0 && !e.quick { // they are sent every five seconds
		return nil, errors.New("no trace was sent to the collector")
	}
	return measure.Rows{
		measure.Plain("decisions a second, no TLS, no keys, nothing measured", measure.Over(rates[0]), "/s"),
		measure.AtLeast("TLS, a key, traces of 1 % and metrics ÷ none of them", measure.Divided(rates[1], rates[0]), "ratio", 0.8).
			Noted("%d callers on one connection, %s; %d bytes of traces were sent to a collector", measure.ManyCallers, large.Label(), traced.Load()),
	}, nil
}

// serveExposed is a server as others reach it, which sends its traces to a collector.
func (e *env) serveExposed(ctx context.Context, catalog []string, collector string) (*process.Server, error) {
	certificate, key, options, err := e.certified()
	if err != nil {
		return nil, err
	}
	secret, callers, err := e.keyed()
	if err != nil {
		return nil, err
	}
	binary, err := e.binary(ctx)
	if err != nil {
		return nil, err
	}
	return process.Serve(ctx, process.Config{
		Binary: binary, Catalog: catalog, Dir: e.dir, CacheDir: e.cache(),
		Args:    []string{"--admit-all", "--tls-cert", certificate, "--tls-key", key, "--auth", callers, "--admin-listen", "127.0.0.1:0"},
		Env:     []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + collector + "/v1/traces", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"},
		Options: append(options, grpc.WithUnaryInterceptor(showing(secret))),
	})
}

// certified writes the certificate for the loopback that Go's test server has, and its key.
func (e *env) certified() (certificate, key string, options []grpc.DialOption, err error) {
	shown := httptest.NewTLSServer(http.NotFoundHandler())
	defer shown.Close()
	pair := shown.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return "", "", nil, err
	}
	certificate, key = filepath.Join(e.dir, "cert.pem"), filepath.Join(e.dir, "key.pem")
	err = errors.Join(
		os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	trusted := x509.NewCertPool()
	trusted.AddCert(shown.Certificate())
	return certificate, key, []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(trusted, ""))}, err
}

// keyed writes an auth file with one key that may ask for decisions.
func (e *env) keyed() (secret, file string, err error) {
	secret, key := apikey.New("bench", auth.Claims{Roles: []auth.Role{auth.Decide}}, time.Now())
	file = filepath.Join(e.dir, "callers.yaml")
	hash := apikey.Hash(secret)
	text := fmt.Sprintf("keys:\n  - {prefix: %q, hash: \"sha256:%s\", name: bench, roles: [decide]}\n", key.Prefix, hex.EncodeToString(hash[:]))
	return secret, file, os.WriteFile(file, []byte(text), 0o600)
}

// showing shows a key with every call.
func showing(secret string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
		return invoke(metadata.AppendToOutgoingContext(ctx, "x-api-key", secret), method, req, reply, conn, options...)
	}
}
