package apikey

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/semroute/semroute/auth"
)

const (
	// fresh is how long a look-up counts, and so how soon a revocation does.
	fresh = 2 * time.Second
	// stale is how long a key that was known goes on where the store cannot be
	// asked.
	stale = 5 * time.Minute
	// remembered bounds the look-ups that are kept, whatever prefixes are tried.
	remembered = 10_000
	// lookupTime bounds one question to the store.
	lookupTime = 2 * time.Second
)

// Source keeps keys. Key fails with ErrUnknown where there is none of that
// prefix. It is safe for concurrent use.
type Source interface {
	Key(ctx context.Context, prefix string) (Key, error)
}

// Verifier verifies keys of a source, and remembers them for two seconds. It is
// an auth.Verifier.
type Verifier struct {
	source Source
	now    func() time.Time
	flight singleflight.Group

	mu    sync.Mutex
	known map[string]lookup
}

// lookup is what the source said.
type lookup struct {
	key Key
	ok  bool // there is such a key
	at  time.Time
}

var _ auth.Verifier = (*Verifier)(nil)

// NewVerifier verifies by the keys of a source; now is the clock, nil time.Now.
func NewVerifier(source Source, now func() time.Time) *Verifier {
	if now == nil {
		now = time.Now
	}
	return &Verifier{source: source, now: now, known: map[string]lookup{}}
}

// Verify implements auth.Verifier.
func (v *Verifier) Verify(ctx context.Context, c auth.Credentials) (*auth.Identity, error) {
	prefix, ok := PrefixOf(c.Secret)
	if !ok {
		return nil, auth.ErrOtherKind
	}
	found, err := v.look(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", auth.ErrUnavailable, err)
	}
	// A prefix that is not known takes as long as a secret that is wrong.
	matches := found.key.Matches(c.Secret)
	switch ended := found.key.Ended(v.now()); {
	case !found.ok || !matches:
		return nil, fmt.Errorf("%w: the key is not known", auth.ErrUnauthenticated)
	case ended != "":
		return nil, fmt.Errorf("%w: the key %s has been %s", auth.ErrUnauthenticated, prefix, ended)
	}
	return found.key.Identity(), nil
}

// look asks the source unless it was asked a moment ago.
func (v *Verifier) look(ctx context.Context, prefix string) (lookup, error) {
	now := v.now()
	v.mu.Lock()
	before, known := v.known[prefix]
	v.mu.Unlock()
	if known && now.Sub(before.at) < fresh {
		return before, nil
	}
	// The first of several that ask together must not take its own haste into
	// the question of all.
	answer := v.flight.DoChan(prefix, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookupTime)
		defer cancel()
		key, err := v.source.Key(ctx, prefix)
		if err != nil && !errors.Is(err, ErrUnknown) {
			return lookup{}, err
		}
		found := lookup{key: key, ok: err == nil, at: now}
		v.remember(prefix, found)
		return found, nil
	})
	select {
	case <-ctx.Done():
		return lookup{}, ctx.Err()
	case r := <-answer:
		if r.Err == nil {
			return r.Val.(lookup), nil
		}
		if known && before.ok && now.Sub(before.at) < stale {
			return before, nil
		}
		return lookup{}, r.Err
	}
}

// remember makes room by forgetting what is no longer fresh, and where all is,
// anything: it costs one question more.
func (v *Verifier) remember(prefix string, found lookup) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.known) >= remembered {
		for p, l := range v.known {
			if !l.ok || found.at.Sub(l.at) >= stale || len(v.known) >= remembered {
				delete(v.known, p)
			}
		}
	}
	v.known[prefix] = found
}
