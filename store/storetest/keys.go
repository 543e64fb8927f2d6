package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/store"
)

func keysAreKeptUntilRevoked(t *testing.T, open Open) {
	ctx, c := context.Background(), NewClock()
	s := open(t, "keys", store.Config{})
	first := store.Key{Prefix: "sr_a", Hash: []byte{0, 255, 1}, Claims: json.RawMessage(`{"user":"jo","routes":["a"]}`), Created: c.Now()}
	second := store.Key{Prefix: "sr_0", Hash: []byte{2}, Claims: json.RawMessage(`{}`), Created: c.Now().Add(time.Second)}
	for _, k := range []store.Key{first, second} {
		if err := s.AddKey(ctx, k); err != nil {
			t.Fatal(err)
		}
		if err := s.AddKey(ctx, k); !errors.Is(err, store.ErrExists) {
			t.Errorf("added twice: %v", err)
		}
	}
	for name, bad := range map[string]store.Key{
		"no prefix": {Hash: []byte{1}, Claims: json.RawMessage(`{}`)},
		"no hash":   {Prefix: "p", Claims: json.RawMessage(`{}`)},
		"no claims": {Prefix: "p", Hash: []byte{1}},
	} {
		if err := s.AddKey(ctx, bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, hours := range []time.Duration{3, 1, 2} { // the earliest time stays
		if err := s.RevokeKey(ctx, "sr_a", c.Now().Add(hours*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.RevokeKey(ctx, "none", c.Now()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("revoked what is not there: %v", err)
	}
	if _, err := s.Key(ctx, "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("found what is not there: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, "keys", store.Config{})
	first.Revoked = c.Now().Add(time.Hour)
	got, err := s.Key(ctx, "sr_a")
	if diff := cmp.Diff(first, got); err != nil || diff != "" {
		t.Errorf("%v, key (-want +got):\n%s", err, diff)
	}
	list, err := s.Keys(ctx)
	if diff := cmp.Diff([]store.Key{first, second}, list); err != nil || diff != "" {
		t.Errorf("%v, keys (-want +got):\n%s", err, diff)
	}
	if err := s.AddKey(ctx, store.Key{Prefix: "sr_a", Hash: []byte{1}, Claims: json.RawMessage(`{}`)}); !errors.Is(err, store.ErrExists) {
		t.Errorf("a revoked key's prefix was given again: %v", err)
	}
}
