package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/semroute/semroute/auth/certs"
)

// Port looks whether a listener's address is free.
func Port(flag, address string) Check {
	return Check{"--" + flag, func(ctx context.Context) Finding {
		if address == "" {
			return skipped("not listened on")
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			return warning(address+" is in use", "where that is a running semroute all is well (`semroute health`); otherwise give --"+flag+" another port")
		case err != nil:
			return failed(err, "give --"+flag+" an address of this machine, such as 127.0.0.1:50051")
		}
		if err := listener.Close(); err != nil {
			return failed(err, "")
		}
		return ok(address + " is free")
	}}
}

// Access looks at whether callers from elsewhere are asked who they are. addresses
// are all that is listened on.
func Access(addresses []string, encrypted, asks, insecure bool) Check {
	return Check{"access", func(context.Context) Finding {
		var open []string
		for _, a := range addresses {
			host, _, err := net.SplitHostPort(a)
			if ip := net.ParseIP(host); err == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
				open = append(open, a)
			}
		}
		found := fmt.Sprintf("TLS: %s; callers are asked who they are: %s", yes(encrypted), yes(asks))
		switch {
		case len(open) == 0:
			return ok(found + "; only this machine reaches it")
		case encrypted && asks:
			return ok(found)
		case insecure:
			return warning(found+"; others reach "+strings.Join(open, ", "), "let only a proxy that checks reach it, or give --tls-cert, --tls-key and --auth or --require-keys")
		}
		return failed(fmt.Errorf("%s; others reach %s", found, strings.Join(open, ", ")), "give --tls-cert, --tls-key and --auth or --require-keys, listen on 127.0.0.1, or allow it with --insecure")
	}}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// expiresSoon is when a certificate is better renewed.
const expiresSoon = 30 * 24 * time.Hour

// Certificate looks at the certificate that is shown. now is the clock.
func Certificate(files certs.Files, now func() time.Time) Check {
	return Check{"certificate", func(context.Context) Finding {
		if files.Cert == "" {
			return skipped("no TLS")
		}
		advice := "give the certificate and its key in PEM form as --tls-cert and --tls-key"
		if _, err := certs.Server(files, func(error) {}); err != nil {
			return failed(err, advice)
		}
		pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
		if err != nil {
			return failed(err, advice)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			return failed(err, advice)
		}
		found := fmt.Sprintf("for %s until %s", strings.Join(namesOf(leaf), ", "), leaf.NotAfter.UTC().Format("2006-01-02 15:04 MST"))
		switch left := leaf.NotAfter.Sub(now()); {
		case left <= 0 || now().Before(leaf.NotBefore):
			return failed(errors.New(found+", not now"), "renew it; a running server takes the new files by itself")
		case left < expiresSoon:
			return warning(found, "renew it; a running server takes the new files by itself")
		case readByOthers(files.Key):
			return warning(found+"; others may read the key", "chmod 600 "+files.Key)
		}
		return ok(found)
	}}
}

func namesOf(leaf *x509.Certificate) []string {
	names := leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{"nobody (it has no alternative names, which clients look at)"}
	}
	return names
}

func readByOthers(path string) bool {
	about, err := os.Stat(path)
	return err == nil && about.Mode().Perm()&0o007 != 0
}
