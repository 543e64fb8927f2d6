package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/authfile"
	"github.com/semroute/semroute/auth/callers"
	"github.com/semroute/semroute/auth/certs"
	"github.com/semroute/semroute/console"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/store"
	"github.com/spf13/cobra"
)

// accessFlags say who may call `serve`, and how.
type accessFlags struct {
	tls        certs.Files
	auth       string
	keys       bool
	insecure   bool
	reflection bool
	clientID   string
	secretFile string
}

func (a *accessFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.tls.Cert, "tls-cert", "", "file of the certificate that is shown; with its key it means TLS. Read again when it changes")
	f.StringVar(&a.tls.Key, "tls-key", "", "file of its key")
	f.StringVar(&a.tls.CA, "tls-client-ca", "", "file of the authorities that must have signed clients' certificates; callers are known by these")
	f.StringVar(&a.auth, "auth", "", "file that says who may call: keys, certificates, tokens (docs/security.md). Read again when it changes")
	f.BoolVar(&a.keys, "require-keys", false, "ask callers for the API keys that `semroute keys` has put into the store")
	f.BoolVar(&a.insecure, "insecure", false, "listen beyond this machine also without TLS, or without asking callers who they are")
	f.StringVar(&a.clientID, "console-client-id", "", "what the issuer of tokens in --auth knows the console by, so that people sign in there; it is the audience of their tokens")
	f.StringVar(&a.secretFile, "console-client-secret-file", "", "file of its secret (default: a public client)")
	f.BoolVar(&a.reflection, "reflection", true, "tell callers the schema")
}

// asks says whether callers are asked who they are.
func (a *accessFlags) asks() bool { return a.auth != "" || a.keys || a.tls.CA != "" }

// check tells what makes no sense together.
func (a *accessFlags) check(kept storeFlags) error {
	switch {
	case (a.tls.Cert == "") != (a.tls.Key == ""):
		return wrongUse("--tls-cert and --tls-key need each other")
	case a.tls.CA != "" && a.tls.Cert == "":
		return wrongUse("--tls-client-ca needs --tls-cert and --tls-key")
	case a.clientID != "" && a.auth == "":
		return wrongUse("--console-client-id needs --auth with the issuer of tokens")
	case a.secretFile != "" && a.clientID == "":
		return wrongUse("--console-client-secret-file needs --console-client-id")
	case a.keys && kept == (storeFlags{}):
		return wrongUse("--require-keys needs the store that keeps the keys: give --ledger PATH, or --store")
	}
	return nil
}

// errReachable: what is to be listened on can be reached by others.
var errReachable = errors.New("whoever reaches this address could read along, or ask and have calls made")

// listening holds the address to what is promised of it: beyond this machine there
// is nothing without TLS and nothing without authentication, unless somebody said
// so.
func (a *accessFlags) listening(address net.Addr, log zerolog.Logger) error {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		return nil
	}
	var missing string
	switch encrypted := a.tls.Cert != ""; {
	case !encrypted && !a.asks():
		missing = "neither TLS (--tls-cert, --tls-key) nor authentication (--auth, --require-keys or --tls-client-ca)"
	case !encrypted:
		missing = "no TLS (--tls-cert, --tls-key)"
	case !a.asks():
		missing = "no authentication (--auth, --require-keys or --tls-client-ca)"
	default:
		return nil
	}
	if !a.insecure {
		return wrongUse("--listen %s: there is %s: %w; give what is missing, listen on 127.0.0.1, or allow it with --insecure", address, missing, errReachable)
	}
	log.Warn().Stringer("address", address).Str("missing", missing).Msg(errReachable.Error() + ": let only a proxy that checks reach it")
	return nil
}

// tlsConfig is the TLS of the listener, nil for none.
func (a *accessFlags) tlsConfig(log zerolog.Logger) (*tls.Config, error) {
	if a.tls.Cert == "" {
		return nil, nil
	}
	files := a.tls
	files.Optional = a.auth != "" || a.keys // who has a key or a token needs no certificate
	config, err := certs.Server(files, func(err error) { log.Error().Err(err).Msg("TLS files have changed") })
	if errors.Is(err, certs.ErrFiles) {
		return nil, wrongUse("%w", err)
	}
	return config, err
}

// login is where people sign in to the console, nil where they show keys alone.
func (a *accessFlags) login() (*console.Login, error) {
	if a.clientID == "" {
		return nil, nil
	}
	file, err := authfile.Read(a.auth)
	if err != nil {
		return nil, wrongUse("--auth: %w", err)
	}
	if file.Tokens == nil {
		return nil, wrongUse("--console-client-id: %s names no issuer: give tokens: {issuer: …, audience: %s, …}", a.auth, a.clientID)
	}
	config := console.LoginConfig{Issuer: file.Tokens.Issuer, ClientID: a.clientID}
	if a.secretFile != "" {
		secret, err := plainfile.Read(a.secretFile, maxSecretFile)
		if err != nil {
			return nil, wrongUse("--console-client-secret-file: %w", err)
		}
		config.ClientSecret = strings.TrimSpace(string(secret))
	}
	return console.NewLogin(config), nil
}

// maxSecretFile bounds what is read as a secret.
const maxSecretFile = 64 << 10

// authenticator knows who calls, nil where nobody is asked. keys are those of the
// store, nil where there is none.
func (a *accessFlags) authenticator(ctx context.Context, keys store.Keys, log zerolog.Logger) (auth.Authenticator, error) {
	if !a.asks() {
		return nil, nil
	}
	config := callers.Config{File: a.auth, Certificates: a.tls.CA != "", Log: log}
	if a.keys {
		config.Store = storedKeys{keys}
	}
	if keys == nil {
		config.Check = func(f *authfile.File) error {
			if f.Budgets() {
				return wrongUse("--auth: there are budgets, and what is spent is kept in the store: give --ledger PATH, or --store")
			}
			return nil
		}
	}
	known, err := callers.Open(ctx, config)
	if errors.Is(err, authfile.ErrFile) {
		return nil, wrongUse("--auth: %w", err)
	}
	if err != nil {
		return nil, err
	}
	return known, nil
}
