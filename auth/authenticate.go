package auth

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrUnauthenticated: the caller has no credentials, or they are wrong,
	// expired or revoked. Which of these is for the log alone.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrDenied: the caller is known and not allowed to do this.
	ErrDenied = errors.New("not allowed")
	// ErrUnavailable: whether the credentials are good cannot be found out now.
	ErrUnavailable = errors.New("credentials cannot be checked now")
	// ErrOtherKind: the credentials are not of the kind that a Verifier knows.
	ErrOtherKind = errors.New("credentials of another kind")
)

// Credentials are what a caller shows.
type Credentials struct {
	// Secret is an API key or a token: what stands behind Bearer, or in
	// x-api-key. Empty is none.
	Secret string
	// Peer is the client's certificate after its chain was verified; nil is none.
	Peer *x509.Certificate
}

// maxSecret bounds what is looked at as a key or a token.
const maxSecret = 16 << 10

// FromHeader reads the credentials of a request. get gives the values of a
// header, whose name is in lower case. One that cannot be understood, or two
// secrets, are an ErrUnauthenticated.
func FromHeader(get func(name string) []string, peer *x509.Certificate) (Credentials, error) {
	c := Credentials{Peer: peer}
	var found []string
	for _, value := range get("authorization") {
		scheme, secret, ok := strings.Cut(strings.TrimSpace(value), " ")
		if !ok || !strings.EqualFold(scheme, "Bearer") {
			return c, fmt.Errorf("%w: the authorization header must be `Bearer KEY`", ErrUnauthenticated)
		}
		found = append(found, strings.TrimSpace(secret))
	}
	for _, value := range get("x-api-key") {
		found = append(found, strings.TrimSpace(value))
	}
	for _, secret := range found {
		if c.Secret != "" && c.Secret != secret {
			return c, fmt.Errorf("%w: two different keys were sent", ErrUnauthenticated)
		}
		c.Secret = secret
	}
	if len(found) > 0 && c.Secret == "" || len(c.Secret) > maxSecret {
		return c, fmt.Errorf("%w: the key that was sent is empty or too long", ErrUnauthenticated)
	}
	return c, nil
}

// Verifier knows one kind of credentials: its error is ErrOtherKind for those of
// another, ErrUnauthenticated for wrong ones and ErrUnavailable where it cannot
// tell. It is safe for concurrent use.
type Verifier interface {
	Verify(ctx context.Context, c Credentials) (*Identity, error)
}

// Authenticator finds out who calls. It is safe for concurrent use.
type Authenticator interface {
	Authenticate(ctx context.Context, c Credentials) (*Identity, error)
}

// Verifiers ask each in turn; the first that knows the kind has the say.
type Verifiers []Verifier

// Authenticate implements Authenticator. No credentials at all are an
// ErrUnauthenticated, unless one of the verifiers takes those.
func (vs Verifiers) Authenticate(ctx context.Context, c Credentials) (*Identity, error) {
	for _, v := range vs {
		identity, err := v.Verify(ctx, c)
		if errors.Is(err, ErrOtherKind) {
			continue
		}
		return identity, err
	}
	if c.Secret == "" && c.Peer == nil {
		return nil, fmt.Errorf("%w: send a key as `authorization: Bearer KEY`", ErrUnauthenticated)
	}
	return nil, fmt.Errorf("%w: no key, token or certificate of this kind is known here", ErrUnauthenticated)
}
