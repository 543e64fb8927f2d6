// Package peercert identifies callers by the client certificates that the TLS
// listener has verified against its own authorities. It promises to believe
// nothing but a name that the authority signed.
package peercert

import (
	"context"
	"crypto/x509"
	"fmt"

	"github.com/semroute/semroute/auth"
)

// Verifier knows certificates by name. It is an auth.Verifier.
type Verifier struct {
	named map[string]auth.Claims
	other *auth.Claims
}

var _ auth.Verifier = (*Verifier)(nil)

// New knows the certificates of these names, each a URI (spiffe://…), a DNS
// name, or else the common name of the subject. other is what every other
// verified certificate may do; nil refuses them.
func New(named map[string]auth.Claims, other *auth.Claims) *Verifier {
	return &Verifier{named: named, other: other}
}

// Verify implements auth.Verifier. A certificate speaks only where no secret was
// sent: what a caller sends on purpose counts.
func (v *Verifier) Verify(_ context.Context, c auth.Credentials) (*auth.Identity, error) {
	if c.Secret != "" || c.Peer == nil {
		return nil, auth.ErrOtherKind
	}
	names := Names(c.Peer)
	for _, name := range names {
		if claims, ok := v.named[name]; ok {
			return identity(name, claims, c.Peer), nil
		}
	}
	if v.other == nil || len(names) == 0 {
		return nil, fmt.Errorf("%w: no certificate of the names %q is known", auth.ErrUnauthenticated, names)
	}
	return identity(names[0], *v.other, c.Peer), nil
}

func identity(name string, claims auth.Claims, cert *x509.Certificate) *auth.Identity {
	return &auth.Identity{ID: "cert:" + name, Name: name, Method: auth.ByCertificate, Claims: claims, Expires: cert.NotAfter}
}

// Names are those of a certificate, the most exact kind first.
func Names(cert *x509.Certificate) []string {
	var names []string
	for _, uri := range cert.URIs {
		names = append(names, uri.String())
	}
	names = append(names, cert.DNSNames...)
	if len(names) == 0 && cert.Subject.CommonName != "" {
		names = append(names, cert.Subject.CommonName)
	}
	return names
}
