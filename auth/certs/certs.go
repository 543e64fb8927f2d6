// Package certs is the TLS of listeners and of clients, from files. It promises
// that a listener's certificate, key and authorities can be replaced while it
// runs: the next handshake takes what is in the files then, and where that is
// broken goes on with what was there before.
package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"

	"github.com/semroute/semroute/internal/changed"
	"github.com/semroute/semroute/internal/plainfile"
)

// ErrFiles: the files hold no usable certificates.
var ErrFiles = errors.New("unusable TLS files")

// maxFile bounds a file of certificates.
const maxFile = 4 << 20

// Files name what a listener or a client shows, and whom it believes.
type Files struct {
	// Cert and Key are PEM: a chain and its key, both or none.
	Cert, Key string
	// CA are the authorities that the other side's certificate must be signed by:
	// of a listener those of clients, of a client those of servers, whose default
	// are the system's.
	CA string
	// Optional leaves it to clients whether they show a certificate; what they
	// show must be signed all the same.
	Optional bool
}

// Server is the TLS of a listener. failed is told of files that were replaced by
// broken ones. Files that are broken now are an ErrFiles.
func Server(f Files, failed func(error)) (*tls.Config, error) {
	if f.Cert == "" || f.Key == "" {
		return nil, fmt.Errorf("%w: a certificate and its key are needed", ErrFiles)
	}
	r := &reloading{files: f, failed: failed, watch: changed.New(nil, f.Cert, f.Key, f.CA)}
	r.watch.Changed()
	var err error
	if r.current, err = f.server(); err != nil {
		return nil, err
	}
	base := r.current.Clone()
	base.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return r.config(), nil }
	return base, nil
}

// reloading is a listener's TLS as the files have it.
type reloading struct {
	files  Files
	failed func(error)
	watch  *changed.File

	mu      sync.Mutex
	current *tls.Config
}

func (r *reloading) config() *tls.Config {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.watch.Changed() {
		fresh, err := r.files.server()
		if err != nil {
			r.failed(fmt.Errorf("%w; what was read before goes on", err))
		} else {
			r.current = fresh
		}
	}
	return r.current
}

// server reads the files.
func (f Files) server() (*tls.Config, error) {
	config, err := f.base()
	if err != nil {
		return nil, err
	}
	config.NextProtos = []string{"h2", "http/1.1"}
	if f.CA == "" {
		return config, nil
	}
	if config.ClientCAs, err = pool(f.CA); err != nil {
		return nil, err
	}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	if f.Optional {
		config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return config, nil
}

// Client is the TLS of a client, read once.
func Client(f Files) (*tls.Config, error) {
	config, err := f.base()
	if err != nil {
		return nil, err
	}
	if f.CA != "" {
		config.RootCAs, err = pool(f.CA)
	}
	return config, err
}

func (f Files) base() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.Cert == "" && f.Key == "" {
		return config, nil
	}
	cert, err := plainfile.Read(f.Cert, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFiles, err)
	}
	key, err := plainfile.Read(f.Key, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFiles, err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %s and %s: %w", ErrFiles, f.Cert, f.Key, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

func pool(path string) (*x509.CertPool, error) {
	raw, err := plainfile.Read(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFiles, err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(raw) {
		return nil, fmt.Errorf("%w: %s holds no certificate", ErrFiles, path)
	}
	return p, nil
}
