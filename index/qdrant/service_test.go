package qdrant_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	"github.com/semroute/semroute/internal/vec"
)

const dimension = 8

func config(s *qdranttest.Server, fingerprint string) qdrant.Config {
	return qdrant.Config{Address: s.Address(), Prefix: "routes", Fingerprint: fingerprint, Dimension: dimension}
}

func open(t *testing.T, c qdrant.Config) *qdrant.Index {
	t.Helper()
	x, err := qdrant.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = x.Close() }) // closed already by some tests
	return x
}

// some makes n entries with different vectors.
func some(n int) []index.Entry {
	out := make([]index.Entry, n)
	for i := range out {
		v := make([]float32, dimension)
		v[i%dimension], v[(i+1)%dimension] = 1, float32(i)/float32(n)
		vec.Normalize(v)
		out[i] = index.Entry{Key: index.Key{Route: "r", Utterance: fmt.Sprintf("utterance %05d", i)}, Vector: v}
	}
	return out
}

// plan is what a start of the service asks first.
func plan(t *testing.T, x index.Index, want []index.Entry) (missing, stale []index.Key) {
	t.Helper()
	held, err := x.Entries(t.Context())
	if err != nil {
		t.Fatalf("Entries: %v", err)
	}
	return index.Plan(index.Keys(held), index.Keys(want))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func searchError(t *testing.T, x index.Index) error {
	t.Helper()
	_, err := x.Search(t.Context(), index.Query{Vector: some(1)[0].Vector, K: 1})
	return err
}

func TestRestartWithUnchangedCatalogWritesNothing(t *testing.T) {
	s := qdranttest.New(t)
	entries := some(700)
	x := open(t, config(s, "one"))
	must(t, x.Replace(t.Context(), entries))
	must(t, x.Close())

	s.Forget()
	x = open(t, config(s, "one"))
	missing, stale := plan(t, x, entries)
	if len(missing)+len(stale) > 0 {
		t.Errorf("%d missing and %d stale, want none", len(missing), len(stale))
	}
	must(t, x.Upsert(t.Context(), nil))
	must(t, x.Delete(t.Context(), nil))
	must(t, searchError(t, x))
	if s.Writes() != 0 {
		t.Errorf("%d writes, want none", s.Writes())
	}
}

func TestReplacingWithTheSameWritesNothing(t *testing.T) {
	s := qdranttest.New(t)
	entries := some(30)
	for i := range entries {
		for j := range entries[i].Vector {
			entries[i].Vector[j] *= 1.0004 // a unit vector as far as the contract goes
		}
	}
	x := open(t, config(s, "one"))
	must(t, x.Replace(t.Context(), entries))
	s.Forget()
	must(t, x.Replace(t.Context(), entries))
	must(t, x.Upsert(t.Context(), entries[3:9]))
	if s.Writes() != 0 {
		t.Errorf("%d writes, want none", s.Writes())
	}
}

func TestOneChangedUtteranceWritesOnePointThenDeletesOne(t *testing.T) {
	s := qdranttest.New(t)
	entries := some(20)
	x := open(t, config(s, "one"))
	must(t, x.Replace(t.Context(), entries))
	must(t, x.Close())

	renewed := some(20)
	renewed[7].Utterance = "said differently"
	x = open(t, config(s, "one"))
	missing, stale := plan(t, x, renewed)
	if len(missing) != 1 || len(stale) != 1 {
		t.Fatalf("missing %v, stale %v, want one each", missing, stale)
	}
	var writes []string
	s.OnCall(func(_ string, request any) {
		if r, ok := request.(*pb.UpsertPoints); ok {
			name := strings.TrimPrefix(r.GetCollectionName(), x.Collection())
			writes = append(writes, fmt.Sprintf("%d into %q, wait %v", len(r.GetPoints()), name, r.GetWait()))
		}
	})
	must(t, x.Upsert(t.Context(), renewed[7:8]))
	must(t, x.Delete(t.Context(), stale))
	want := []string{`1 into "", wait true`, `1 into "_removed", wait true`, `1 into "_removed", wait true`} // made after the first failed
	if diff := cmp.Diff(want, writes); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	if missing, stale := plan(t, open(t, config(s, "one")), renewed); len(missing)+len(stale) != 0 {
		t.Errorf("after it %v are missing and %v stale", missing, stale)
	}
}

func TestPointIDsAreTheSameOnEveryMachine(t *testing.T) {
	s := qdranttest.New(t)
	var ids []string
	s.OnCall(func(_ string, request any) {
		if r, ok := request.(*pb.UpsertPoints); ok {
			for _, p := range r.GetPoints() {
				ids = append(ids, p.GetId().GetUuid())
			}
		}
	})
	e := some(2)
	e[0].Key = index.Key{Route: "refunds", Utterance: "where is my money"}
	e[1].Key = index.Key{Route: "refund", Utterance: "swhere is my money"}
	must(t, open(t, config(s, "one")).Replace(t.Context(), e))
	want := []string{"fe95115f-d762-58d1-895d-fbb53ea80ea0", "abc345f7-2120-50d6-b0ae-b8454dc82256"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("ids (-want +got): a change makes every stored point a duplicate\n%s", diff)
	}
}

func TestAliasMovesOnlyToACompleteCollection(t *testing.T) {
	s := qdranttest.New(t)
	old := open(t, config(s, "one"))
	must(t, old.Replace(t.Context(), some(5)))
	next := open(t, config(s, "two"))
	if old.Collection() == next.Collection() {
		t.Fatalf("two embedders share collection %s", old.Collection())
	}
	s.OnCall(func(method string, request any) {
		r, ok := request.(*pb.ChangeAliases)
		if !ok {
			return
		}
		if len(r.GetActions()) != 2 || r.GetActions()[0].GetDeleteAlias() == nil || r.GetActions()[1].GetCreateAlias() == nil {
			t.Errorf("%s: %v, want one delete and one create in one step", method, r.GetActions())
		}
	})
	s.Fail("Points/Upsert", 1, 1, status.Error(codes.Internal, "disk is full"))
	err := next.Replace(t.Context(), some(1200))
	if !errors.Is(err, index.ErrUnavailable) || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("Replace: %v, want ErrUnavailable with the server's words", err)
	}
	if s.Alias("routes") != old.Collection() || !errors.Is(searchError(t, next), index.ErrEmpty) {
		t.Errorf("half filled: alias at %q, search says %v", s.Alias("routes"), searchError(t, next))
	}
	must(t, next.Replace(t.Context(), some(1200)))
	if s.Alias("routes") != next.Collection() || s.Size(next.Collection()) != 1200 {
		t.Errorf("complete: alias at %q, %d points", s.Alias("routes"), s.Size(next.Collection()))
	}
	// The old process goes on with its own vectors.
	must(t, searchError(t, old))
	must(t, searchError(t, next))
}

func TestHalfFilledCollectionIsCompletedWithoutEmbeddingAgain(t *testing.T) {
	s := qdranttest.New(t)
	entries := some(1200)
	crashed := open(t, config(s, "one"))
	s.Fail("Points/Upsert", 2, 1, status.Error(codes.Aborted, "power cut"))
	if err := crashed.Replace(t.Context(), entries); err == nil {
		t.Fatal("Replace: no error")
	}
	must(t, crashed.Close())

	x := open(t, config(s, "one"))
	if err := searchError(t, x); !errors.Is(err, index.ErrEmpty) {
		t.Errorf("Search: %v, want ErrEmpty", err)
	}
	missing, stale := plan(t, x, entries)
	if len(missing) != 1200-1024 || len(stale) != 0 {
		t.Fatalf("%d missing and %d stale, want %d and 0", len(missing), len(stale), 1200-1024)
	}
	must(t, x.Upsert(t.Context(), entries[1024:]))
	must(t, searchError(t, x))
}

func TestFilledCollectionWithoutAliasIsPutIntoServiceByAnEmptyUpsert(t *testing.T) {
	s := qdranttest.New(t)
	crashed := open(t, config(s, "one"))
	s.Fail("Collections/UpdateAliases", 0, 1, status.Error(codes.Aborted, "power cut"))
	if err := crashed.Replace(t.Context(), some(3)); err == nil {
		t.Fatal("Replace: no error")
	}
	x := open(t, config(s, "one"))
	missing, stale := plan(t, x, some(3))
	if len(missing)+len(stale) != 0 || !errors.Is(searchError(t, x), index.ErrEmpty) {
		t.Fatalf("missing %v, stale %v, search says %v", missing, stale, searchError(t, x))
	}
	must(t, x.Upsert(t.Context(), nil))
	must(t, searchError(t, x))
	if err := searchError(t, crashed); !errors.Is(err, index.ErrEmpty) {
		t.Errorf("the one that failed: %v, want ErrEmpty until it tries again", err)
	}
	must(t, crashed.Replace(t.Context(), some(3)))
	must(t, searchError(t, crashed))
}

func TestReturnToAFormerEmbedderEmbedsNothing(t *testing.T) {
	s := qdranttest.New(t)
	must(t, open(t, config(s, "one")).Replace(t.Context(), some(3)))
	must(t, open(t, config(s, "two")).Replace(t.Context(), some(3)))
	x := open(t, config(s, "one"))
	if missing, stale := plan(t, x, some(3)); len(missing)+len(stale) != 0 {
		t.Errorf("missing %v, stale %v", missing, stale)
	}
	must(t, x.Upsert(t.Context(), nil))
	if s.Alias("routes") != x.Collection() {
		t.Errorf("alias at %q, want %q", s.Alias("routes"), x.Collection())
	}
}

func TestPruneDeletesWhatNobodyServes(t *testing.T) {
	s := qdranttest.New(t)
	other := config(s, "one")
	other.Prefix = "routes_b"
	must(t, open(t, other).Replace(t.Context(), some(3)))
	first, second := open(t, config(s, "one")), open(t, config(s, "two"))
	must(t, first.Replace(t.Context(), some(3)))
	must(t, second.Replace(t.Context(), some(3)))
	removed, err := second.Prune(t.Context())
	must(t, err)
	if diff := cmp.Diff([]string{first.Collection()}, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if got := s.Collections(); len(got) != 2 {
		t.Errorf("collections left: %v, want the one in service and the other prefix's", got)
	}
	// A process that still used the deleted one must not look merely empty.
	if err := searchError(t, first); !errors.Is(err, index.ErrUnavailable) {
		t.Errorf("search in the deleted collection: %v, want ErrUnavailable", err)
	}
}

func TestTieAtTheCutIsDecidedByKey(t *testing.T) {
	s := qdranttest.New(t)
	entries := some(40)
	for i := range entries {
		entries[i].Vector = some(1)[0].Vector
	}
	x := open(t, config(s, "one"))
	must(t, x.Replace(t.Context(), entries))
	got, err := x.Search(context.Background(), index.Query{Vector: some(1)[0].Vector, K: 3})
	must(t, err)
	for i, m := range got {
		if m.Utterance != entries[i].Utterance {
			t.Errorf("match %d is %q, want %q", i, m.Utterance, entries[i].Utterance)
		}
	}
}
