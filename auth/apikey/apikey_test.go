package apikey_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
)

// keys are a source that tests change and that counts what it is asked.
type keys struct {
	mu    sync.Mutex
	now   time.Time
	known map[string]apikey.Key
	asked int
	err   error
}

func (k *keys) Key(_ context.Context, prefix string) (apikey.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked++
	if k.err != nil {
		return apikey.Key{}, k.err
	}
	key, ok := k.known[prefix]
	if !ok {
		return apikey.Key{}, fmt.Errorf("%w: %s", apikey.ErrUnknown, prefix)
	}
	return key, nil
}

func (k *keys) Now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

func (k *keys) do(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
}

func newKeys(all ...apikey.Key) *keys {
	k := &keys{now: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC), known: map[string]apikey.Key{}}
	for _, key := range all {
		k.known[key.Prefix] = key
	}
	return k
}

func TestAKeyIsRandomAndNotKept(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		secret, k := apikey.New("a", auth.Claims{}, time.Now())
		prefix, ok := apikey.PrefixOf(secret)
		if !ok || prefix != k.Prefix || !strings.HasPrefix(secret, "smr_") {
			t.Fatalf("a key %q with the prefix %q", secret, k.Prefix)
		}
		if seen[secret] || seen[prefix] {
			t.Fatal("a key came twice")
		}
		seen[secret], seen[prefix] = true, true
		if hidden := secret[strings.LastIndex(secret, "_")+1:]; strings.Contains(fmt.Sprintf("%+v %#v %v", k, k, k.Identity()), hidden) {
			t.Fatal("the secret is in what is kept")
		}
		if !k.Matches(secret) || k.Matches(secret[:len(secret)-1]) || k.Matches("") {
			t.Fatal("it matches what it must not, or not itself")
		}
	}
	for _, other := range []string{"", "smr", "smr_", "smr_abc_def", "sk-abc", "smr_abcdefghij_", "xxx_abcdefghij_" + strings.Repeat("a", 52)} {
		if _, ok := apikey.PrefixOf(other); ok {
			t.Errorf("%q is taken for a key", other)
		}
	}
}

func TestWhichKeysAreTaken(t *testing.T) {
	now := newKeys().Now()
	made := func(change func(*apikey.Key)) (string, apikey.Key) {
		secret, k := apikey.New("name", auth.Claims{User: "ann"}, now)
		change(&k)
		return secret, k
	}
	good, goodKey := made(func(*apikey.Key) {})
	expired, expiredKey := made(func(k *apikey.Key) { k.Expires = now })
	revoked, revokedKey := made(func(k *apikey.Key) { k.Revoked = now.Add(-time.Hour) })
	ending, endingKey := made(func(k *apikey.Key) { k.Revoked, k.Expires = now.Add(time.Hour), now.Add(2*time.Hour) })
	unknown, _ := made(func(*apikey.Key) {})
	v := apikey.NewVerifier(newKeys(goodKey, expiredKey, revokedKey, endingKey), func() time.Time { return now })
	for name, test := range map[string]struct {
		secret string
		want   error
	}{
		"good": {good, nil}, "one that ends later": {ending, nil},
		"expired": {expired, auth.ErrUnauthenticated}, "revoked": {revoked, auth.ErrUnauthenticated}, "unknown": {unknown, auth.ErrUnauthenticated},
		"a known prefix with another secret": {good[:15] + unknown[15:], auth.ErrUnauthenticated},
		"a token":                            {"a.b.c", auth.ErrOtherKind}, "nothing": {"", auth.ErrOtherKind},
	} {
		identity, err := v.Verify(t.Context(), auth.Credentials{Secret: test.secret})
		if !errors.Is(err, test.want) || err == nil && (identity.ID != "key:"+test.secret[4:14] || identity.User != "ann" || identity.Name != "name") {
			t.Errorf("%s: %+v, %v", name, identity, err)
		}
		if err != nil && len(test.secret) > 20 && strings.Contains(err.Error(), test.secret[15:]) {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}

func TestARevocationCountsWithinSecondsAndTheStoreIsNotAskedForEveryCall(t *testing.T) {
	secret, k := apikey.New("a", auth.Claims{}, time.Now())
	source := newKeys(k)
	v := apikey.NewVerifier(source, source.Now)
	ask := func() error {
		_, err := v.Verify(t.Context(), auth.Credentials{Secret: secret})
		return err
	}
	for range 100 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	if source.asked != 1 {
		t.Errorf("the store was asked %d times for 100 calls in one moment", source.asked)
	}
	source.do(func() {
		k.Revoked = source.now
		source.known[k.Prefix] = k
		source.now = source.now.Add(2 * time.Second)
	})
	if err := ask(); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("two seconds after it was revoked: %v", err)
	}
}

func TestKeysGoOnWhileTheStoreIsDown(t *testing.T) {
	secret, k := apikey.New("a", auth.Claims{}, time.Now())
	stranger, _ := apikey.New("b", auth.Claims{}, time.Now())
	source := newKeys(k)
	v := apikey.NewVerifier(source, source.Now)
	ask := func(secret string) error {
		_, err := v.Verify(t.Context(), auth.Credentials{Secret: secret})
		return err
	}
	if err := ask(secret); err != nil {
		t.Fatal(err)
	}
	pass := func(d time.Duration) { source.do(func() { source.now = source.now.Add(d) }) }
	source.do(func() { source.err = errors.New("down") })
	pass(4 * time.Minute)
	if err := ask(secret); err != nil {
		t.Errorf("a key that was known: %v", err)
	}
	if err := ask(stranger); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("a key that nobody has asked for: %v", err)
	}
	pass(2 * time.Minute)
	if err := ask(secret); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("after six minutes: %v", err)
	}
	source.do(func() { source.err = nil })
	if err := ask(secret); err != nil {
		t.Errorf("the store is back: %v", err)
	}
}

// TestTriedPrefixesTakeNoMemory: what is remembered is bounded, and a known key
// is still found.
func TestTriedPrefixesTakeNoMemory(t *testing.T) {
	secret, k := apikey.New("a", auth.Claims{}, time.Now())
	source := newKeys(k)
	v := apikey.NewVerifier(source, source.Now)
	for i := range 25_000 {
		tried := fmt.Sprintf("smr_%010d_%s", i, strings.Repeat("a", 52))
		if _, err := v.Verify(t.Context(), auth.Credentials{Secret: tried}); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Fatal(err)
		}
	}
	if n := v.Remembered(); n > 10_000 {
		t.Errorf("%d look-ups are remembered", n)
	}
	if _, err := v.Verify(t.Context(), auth.Credentials{Secret: secret}); err != nil {
		t.Error(err)
	}
}
