package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/store"
)

func put(t testing.TB, s store.Values, scope, key, data string, expires time.Time) int64 {
	t.Helper()
	version, err := s.PutValue(context.Background(), scope, key, []byte(data), expires)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// valueIs fails unless a key has these data, "-" for none.
func valueIs(t testing.TB, s store.Values, scope, key, want string) {
	t.Helper()
	got, err := s.Value(context.Background(), scope, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if want != "-" {
			t.Errorf("%s %s is not there", scope, key)
		}
	case err != nil:
		t.Fatal(err)
	case string(got.Data) != want || got.Key != key:
		t.Errorf("%s %s is %q at %q, want %q", scope, key, got.Data, got.Key, want)
	}
}

func valuesAreChanged(t *testing.T, open Open) {
	ctx := context.Background()
	s := open(t, "values", store.Config{})
	valueIs(t, s, "session", "a", "-")
	first := put(t, s, "session", "a", "\x00\xff one", time.Time{})
	put(t, s, "other", "a", "", time.Time{})
	valueIs(t, s, "session", "a", "\x00\xff one")
	valueIs(t, s, "other", "a", "")
	for _, known := range []int64{0, first + 1000, -1} {
		if _, err := s.SwapValue(ctx, "session", "a", known, []byte("x"), time.Time{}); !errors.Is(err, store.ErrStale) {
			t.Errorf("swapped from version %d: %v", known, err)
		}
	}
	second, err := s.SwapValue(ctx, "session", "a", first, []byte("two"), time.Time{})
	if err != nil || second == first || second == 0 {
		t.Errorf("version %d after %d, %v", second, first, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, "values", store.Config{})
	valueIs(t, s, "session", "a", "two")
	for range 2 {
		if err := s.DeleteValue(ctx, "session", "a"); err != nil {
			t.Fatal(err)
		}
	}
	valueIs(t, s, "session", "a", "-")
	third, err := s.SwapValue(ctx, "session", "a", 0, []byte("three"), time.Time{})
	if err != nil || third == first || third == second {
		t.Errorf("a version came again: %d after %d and %d, %v", third, first, second, err)
	}
	for name, err := range map[string]error{
		"no scope": errorOf(s.PutValue(ctx, "", "k", nil, time.Time{})),
		"no key":   errorOf(s.SwapValue(ctx, "s", "", 0, nil, time.Time{})),
		"a zero":   errorOf(s.PutValue(ctx, "s", "\x00", nil, time.Time{})),
		"too much": errorOf(s.PutValue(ctx, "s", "k", make([]byte, store.MaxValueBytes+1), time.Time{})),
		"long key": errorOf(s.Value(ctx, "s", strings.Repeat("k", 257))),
		"no UTF-8": s.DeleteValue(ctx, "s", "\xff"),
	} {
		if !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

func valuesExpire(t *testing.T, open Open) {
	ctx, c := context.Background(), NewClock()
	s := open(t, "values", store.Config{Now: c.Now, PruneEvery: time.Millisecond})
	until := c.Now().Add(time.Minute)
	old := put(t, s, "s", "a", "x", until)
	put(t, s, "s", "b", "x", time.Time{})
	if v, err := s.Value(ctx, "s", "a"); err != nil || !v.Expires.Equal(until) {
		t.Errorf("expires %v, %v", v.Expires, err)
	}
	c.Pass(time.Minute)
	valueIs(t, s, "s", "a", "-")
	valueIs(t, s, "s", "b", "x")
	if list, err := s.Values(ctx, "s", "", 0); err != nil || len(list) != 1 {
		t.Errorf("listed %v, %v", list, err)
	}
	if _, err := s.SwapValue(ctx, "s", "a", old, []byte("y"), until); !errors.Is(err, store.ErrStale) {
		t.Errorf("an expired version was swapped: %v", err)
	}
	if _, err := s.SwapValue(ctx, "s", "a", 0, []byte("y"), until.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	valueIs(t, s, "s", "a", "y")
}

// oneWriterSwapsEachVersion counts up from several sides: none is lost.
func oneWriterSwapsEachVersion(t *testing.T, open Open) {
	ctx := context.Background()
	s := open(t, "values", store.Config{})
	const writers, each = 4, 5
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for n := 0; n < each; {
				v, err := s.Value(ctx, "s", "count")
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					t.Error(err)
					return
				}
				_, err = s.SwapValue(ctx, "s", "count", v.Version, append(v.Data, 'x'), time.Time{})
				switch {
				case err == nil:
					n++
				case !errors.Is(err, store.ErrStale):
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	valueIs(t, s, "s", "count", strings.Repeat("x", writers*each))
}

func valuesAreListedByKey(t *testing.T, open Open) {
	s := open(t, "values", store.Config{})
	for i := range 5 {
		put(t, s, "s", fmt.Sprint("k", i), fmt.Sprint(i), time.Time{})
	}
	put(t, s, "t", "k9", "", time.Time{})
	var got []string
	for after := ""; ; {
		list, err := s.Values(context.Background(), "s", after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		for _, v := range list {
			got, after = append(got, v.Key+"="+string(v.Data)), v.Key
		}
	}
	if diff := cmp.Diff([]string{"k0=0", "k1=1", "k2=2", "k3=3", "k4=4"}, got); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
}
