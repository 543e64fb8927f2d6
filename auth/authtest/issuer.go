package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// Issuer signs tokens with ES256 and publishes its key at URL.
type Issuer struct {
	t   testing.TB
	URL string
	// Asked counts the questions for its keys.
	Asked atomic.Int64
	// Down has every question fail.
	Down atomic.Bool

	mu  sync.Mutex
	kid string
	key *ecdsa.PrivateKey
}

// NewIssuer makes an issuer with the key k1.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{t: t, kid: "k1", key: newKey(t)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.Asked.Add(1)
		if i.Down.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(i.KeySet())
	}))
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// Rotate has the issuer sign with another key and publish only that.
func (i *Issuer) Rotate(kid string) {
	key := newKey(i.t)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.kid, i.key = kid, key
}

// KeySet is the issuer's JWKS.
func (i *Issuer) KeySet() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	jwk, err := jwkset.NewJWKFromKey(i.key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: i.kid, ALG: jwkset.AlgES256}})
	if err != nil {
		i.t.Error(err)
		return nil
	}
	raw, err := json.Marshal(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}})
	if err != nil {
		i.t.Error(err)
	}
	return raw
}

// Sign is a token with the claims.
func (i *Issuer) Sign(claims map[string]any) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return SignWith(i.t, jwt.SigningMethodES256, i.key, i.kid, claims)
}

// SignWith is a token signed in a way that the issuer would not.
func SignWith(t testing.TB, method jwt.SigningMethod, key crypto.PrivateKey, kid string, claims map[string]any) string {
	token := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	token.Header["kid"] = kid
	text, err := token.SignedString(key)
	if err != nil {
		t.Error(err)
	}
	return text
}
