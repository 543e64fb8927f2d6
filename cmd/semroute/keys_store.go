package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/store"
)

// storedKeys are API keys as a store keeps them. It is an apikey.Source.
type storedKeys struct{ store.Keys }

// storedClaims is what the store keeps of a key beside its prefix and hash.
type storedClaims struct {
	Name    string      `json:"name,omitempty"`
	Expires time.Time   `json:"expires,omitzero"`
	Claims  auth.Claims `json:"claims"`
}

// Key implements apikey.Source.
func (s storedKeys) Key(ctx context.Context, prefix string) (apikey.Key, error) {
	kept, err := s.Keys.Key(ctx, prefix)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return apikey.Key{}, apikey.ErrUnknown
	case err != nil:
		return apikey.Key{}, err
	}
	return keyFromStore(&kept)
}

// keyFromStore reads what is kept. What makes no sense is an error, never a key
// that may do more.
func keyFromStore(kept *store.Key) (apikey.Key, error) {
	var claims storedClaims
	if err := json.Unmarshal(kept.Claims, &claims); err != nil {
		return apikey.Key{}, fmt.Errorf("the key %s in the store: %w", kept.Prefix, err)
	}
	k := apikey.Key{
		Prefix: kept.Prefix, Name: claims.Name, Claims: claims.Claims, Created: kept.Created,
		Expires: claims.Expires, Revoked: kept.Revoked,
	}
	if copy(k.Hash[:], kept.Hash) != len(k.Hash) || len(kept.Hash) != len(k.Hash) {
		return apikey.Key{}, fmt.Errorf("the key %s in the store has no usable hash", kept.Prefix)
	}
	if err := k.Check(); err != nil {
		return apikey.Key{}, fmt.Errorf("the key %s in the store: %w", kept.Prefix, err)
	}
	return k, nil
}

// keyToStore is what is kept of a key.
func keyToStore(k *apikey.Key) (store.Key, error) {
	claims, err := json.Marshal(storedClaims{Name: k.Name, Expires: k.Expires, Claims: k.Claims})
	if err != nil {
		return store.Key{}, fmt.Errorf("claims of the key: %w", err)
	}
	return store.Key{Prefix: k.Prefix, Hash: k.Hash[:], Claims: claims, Created: k.Created}, nil
}
