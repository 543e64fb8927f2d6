package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/store"
)

func revision(at time.Time, name string) store.Revision {
	return store.Revision{Etag: "etag-" + name, Catalog: "routes: # " + name + " ü\n", Author: "jo", Cause: "because " + name, Time: at}
}

func addRevision(t testing.TB, s store.Revisions, head int64, r store.Revision) store.Revision {
	t.Helper()
	added, err := s.AddRevision(context.Background(), head, r)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func revisionsFollowOneAnother(t *testing.T, open Open) {
	ctx, c := context.Background(), NewClock()
	s := open(t, "revisions", store.Config{Now: c.Now})
	if _, err := s.HeadRevision(ctx); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nothing the head is %v", err)
	}
	var want []store.Revision
	for i := range int64(3) {
		r := revision(c.Now(), fmt.Sprint(i))
		added := addRevision(t, s, i, r)
		r.Number = i + 1
		if diff := cmp.Diff(r, added); diff != "" {
			t.Errorf("added (-want +got):\n%s", diff)
		}
		want = append(want, r)
		c.Pass(time.Second)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, "revisions", store.Config{Now: c.Now})
	head, err := s.HeadRevision(ctx)
	if diff := cmp.Diff(want[2], head); err != nil || diff != "" {
		t.Errorf("%v, head (-want +got):\n%s", err, diff)
	}
	second, err := s.Revision(ctx, 2)
	if diff := cmp.Diff(want[1], second); err != nil || diff != "" {
		t.Errorf("%v, second (-want +got):\n%s", err, diff)
	}
	for _, number := range []int64{-1, 0, 4} {
		if _, err := s.Revision(ctx, number); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("revision %d: %v", number, err)
		}
	}
	for i := range want {
		want[i].Catalog = ""
	}
	for name, test := range map[string]struct {
		below int64
		limit int
		want  []store.Revision
	}{
		"all":        {0, 0, []store.Revision{want[2], want[1], want[0]}},
		"the newest": {0, 1, want[2:]},
		"the rest":   {3, 9, []store.Revision{want[1], want[0]}},
		"none":       {1, 9, nil},
	} {
		got, err := s.Revisions(ctx, test.below, test.limit)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func aStaleRevisionChangesNothing(t *testing.T, open Open) {
	ctx, at := context.Background(), NewClock().Now()
	s := open(t, "revisions", store.Config{})
	addRevision(t, s, 0, revision(at, "first"))
	for _, head := range []int64{-1, 0, 2, 1 << 40} {
		if _, err := s.AddRevision(ctx, head, revision(at, "x")); !errors.Is(err, store.ErrStale) {
			t.Errorf("after %d: %v", head, err)
		}
	}
	for _, bad := range []store.Revision{{}, {Etag: "e", Catalog: "\xff"}, {Etag: "e", Author: "a\x00b"}, {Etag: "\xff"}} {
		if _, err := s.AddRevision(ctx, 1, bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if head, err := s.HeadRevision(ctx); err != nil || head.Number != 1 || head.Etag != "etag-first" {
		t.Errorf("the head is %+v, %v", head, err)
	}
}

// oneWriterAddsEachRevision: of several that build on the same head, one is
// told that it was first.
func oneWriterAddsEachRevision(t *testing.T, open Open) {
	ctx := context.Background()
	s := open(t, "revisions", store.Config{})
	const writers, want = 4, 12
	var added atomic.Int64
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for {
				var number int64
				if head, err := s.HeadRevision(ctx); err == nil {
					number = head.Number
				}
				if number >= want {
					return
				}
				_, err := s.AddRevision(ctx, number, revision(time.Now(), fmt.Sprintf("%d-%d", w, number)))
				switch {
				case err == nil:
					added.Add(1)
				case !errors.Is(err, store.ErrStale):
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if added.Load() != want {
		t.Errorf("%d were added, %d are there", added.Load(), want)
	}
}

func oldRevisionsGo(t *testing.T, open Open) {
	ctx := context.Background()
	s := open(t, "revisions", store.Config{})
	for i := range int64(store.KeptRevisions + 2) {
		addRevision(t, s, i, revision(time.Now(), "x"))
	}
	list, err := s.Revisions(ctx, 0, 0)
	if err != nil || len(list) != store.KeptRevisions || list[0].Number != store.KeptRevisions+2 {
		t.Errorf("%d are kept, %v", len(list), err)
	}
}

func revisionsAreWatched(t *testing.T, open Open) {
	s := open(t, "revisions", store.Config{})
	addRevision(t, s, 0, revision(time.Now(), "first"))
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan int64, 100)
	var group sync.WaitGroup
	group.Go(func() { s.WatchRevisions(ctx, func(head int64) { told <- head }) })
	next := func(want int64) {
		t.Helper()
		for {
			select {
			case head := <-told:
				if head == want {
					return
				}
				if head > want {
					t.Fatalf("told of %d before %d", head, want)
				}
			case <-time.After(30 * time.Second):
				t.Fatalf("nothing was told of revision %d", want)
			}
		}
	}
	next(1)
	addRevision(t, s, 1, revision(time.Now(), "second"))
	next(2)
	for i := range int64(5) {
		addRevision(t, s, 2+i, revision(time.Now(), "more"))
	}
	next(7)
	cancel()
	group.Wait()
}
