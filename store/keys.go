package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// maxClaimBytes bounds the claims of one key.
const maxClaimBytes = 64 << 10

// Keys keeps the API keys by their public prefixes. The secrets themselves are
// never given to a store. A change is durable when it returns.
type Keys interface {
	// AddKey keeps a new key, or fails with ErrExists where its prefix is taken,
	// also by a revoked one.
	AddKey(ctx context.Context, k Key) error
	// Key is that of a prefix, also when it is revoked, or an ErrNotFound.
	Key(ctx context.Context, prefix string) (Key, error)
	// Keys are all, by creation.
	Keys(ctx context.Context) ([]Key, error)
	// RevokeKey says when a key ends to be valid, which may be later, or fails with
	// ErrNotFound. The earliest time stays.
	RevokeKey(ctx context.Context, prefix string, at time.Time) error
}

// Key is an API key as it is kept.
type Key struct {
	// Prefix is its public part, 1 to 256 bytes.
	Prefix string
	// Hash is of its secret part, as the owner of the keys computes it: 1 to 256
	// bytes.
	Hash []byte
	// Claims are one JSON value of at most 64 KiB: whose it is and what it may do.
	Claims  json.RawMessage
	Created time.Time
	// Revoked is the zero time while it is valid.
	Revoked time.Time
}

// Check is nil for what can be kept, otherwise an ErrInvalid.
func (k *Key) Check() error {
	if err := checkName("prefix", k.Prefix); err != nil {
		return err
	}
	if len(k.Hash) == 0 || len(k.Hash) > maxNameBytes {
		return fmt.Errorf("%w: the hash of a key must be 1 to %d bytes", ErrInvalid, maxNameBytes)
	}
	return checkJSON("claims", k.Claims, maxClaimBytes)
}
