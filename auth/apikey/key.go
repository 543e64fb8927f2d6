// Package apikey makes and verifies API keys. It promises that a key is shown
// once, when it is made; that what is kept cannot be turned back into it; that
// two secrets are compared in constant time; and that a key that is revoked or
// has expired is refused within seconds, without asking the store for every call.
package apikey

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/semroute/semroute/auth"
)

const (
	// begins is what every key begins with, so that scanners for leaked secrets
	// can know it.
	begins = "smr"
	// A prefix has 50 bits: enough to look up, and no part of the secret, which has
	// 256.
	prefixLength = 10
	secretBytes  = 32
	secretLength = 52
)

// ErrUnknown: there is no key of that prefix.
var ErrUnknown = errors.New("no such key")

// Key is an API key as it is kept: everything but the secret.
type Key struct {
	// Prefix is the public part, by which a key is looked up and named.
	Prefix string
	// Hash is of the whole key.
	Hash [sha256.Size]byte
	Name string
	auth.Claims
	Created time.Time
	// Expires and Revoked are when it ends; zero is never.
	Expires, Revoked time.Time
}

func encoding() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

// New makes a key with random parts: the secret text, which is to be shown once
// and kept nowhere, and what is kept.
func New(name string, claims auth.Claims, now time.Time) (secret string, k Key) {
	raw := make([]byte, secretBytes+prefixLength)
	_, _ = rand.Read(raw) // it never fails
	prefix := encoding().EncodeToString(raw[secretBytes:])[:prefixLength]
	secret = begins + "_" + prefix + "_" + encoding().EncodeToString(raw[:secretBytes])
	return secret, Key{Prefix: prefix, Hash: Hash(secret), Name: name, Claims: claims, Created: now.UTC().Truncate(time.Second)}
}

// Hash is what is kept of a key. A secret of 256 random bits needs no slow hash.
func Hash(secret string) [sha256.Size]byte { return sha256.Sum256([]byte(secret)) }

// PrefixOf is the public part of a key; false where a text is no key of ours.
func PrefixOf(secret string) (prefix string, ok bool) {
	first, rest, found := strings.Cut(secret, "_")
	prefix, hidden, whole := strings.Cut(rest, "_")
	return prefix, found && whole && first == begins && len(prefix) == prefixLength && len(hidden) == secretLength
}

// Matches compares a secret in constant time.
func (k *Key) Matches(secret string) bool {
	hash := Hash(secret)
	return subtle.ConstantTimeCompare(hash[:], k.Hash[:]) == 1
}

// Ended says why a key is no longer valid, "" while it is.
func (k *Key) Ended(now time.Time) string {
	switch {
	case !k.Revoked.IsZero() && !now.Before(k.Revoked):
		return "revoked"
	case !k.Expires.IsZero() && !now.Before(k.Expires):
		return "expired"
	}
	return ""
}

// Identity is who calls with the key.
func (k *Key) Identity() *auth.Identity {
	name := k.Name
	if name == "" {
		name = k.Prefix
	}
	return &auth.Identity{ID: "key:" + k.Prefix, Name: name, Method: auth.ByKey, Claims: k.Claims, Expires: k.Expires}
}
