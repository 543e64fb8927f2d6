package qdrant_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/qdrant"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

// operator is somebody with a client of their own.
func operator(t *testing.T, s *qdranttest.Server) *pb.Client {
	t.Helper()
	return operatorAt(t, s.Address())
}

func operatorAt(t *testing.T, address string) *pb.Client {
	t.Helper()
	host, service, err := net.SplitHostPort(address)
	must(t, err)
	port, err := net.LookupPort("tcp", service)
	must(t, err)
	client, err := pb.NewClient(&pb.Config{Host: host, Port: port, APIKey: os.Getenv("QDRANT_API_KEY"), SkipCompatibilityCheck: true, PoolSize: 1})
	must(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func recreate(t *testing.T, client *pb.Client, name string, size uint64) {
	t.Helper()
	must(t, client.DeleteCollection(t.Context(), name))
	must(t, client.CreateCollection(t.Context(), &pb.CreateCollection{
		CollectionName: name, VectorsConfig: pb.NewVectorsConfig(&pb.VectorParams{Size: size, Distance: pb.Distance_Cosine}),
	}))
}

func TestACollectionThatOthersDropIsMissed(t *testing.T) {
	for name, drop := range map[string]func(t *testing.T, s *qdranttest.Server, x *qdrant.Index){
		"dropped": func(t *testing.T, s *qdranttest.Server, x *qdrant.Index) {
			must(t, operator(t, s).DeleteCollection(t.Context(), x.Collection()))
		},
		"dropped and made again": func(t *testing.T, s *qdranttest.Server, x *qdrant.Index) {
			recreate(t, operator(t, s), x.Collection(), dimension)
		},
		"dropped, made again and filled in part": func(t *testing.T, s *qdranttest.Server, x *qdrant.Index) {
			recreate(t, operator(t, s), x.Collection(), dimension)
			must(t, open(t, config(s, "one")).Replace(t.Context(), some(2)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := qdranttest.New(t)
			x := open(t, config(s, "one"))
			must(t, x.Replace(t.Context(), some(5)))
			other := open(t, config(s, "one"))
			drop(t, s, x)
			_, err := x.Search(t.Context(), index.Query{Vector: some(1)[0].Vector, K: 5})
			if !errors.Is(err, index.ErrLost) || !errors.Is(err, index.ErrUnavailable) {
				t.Errorf("Search: %v, want ErrLost", err)
			}
			must(t, x.Upkeep(t.Context(), 0))
			if err := searchError(t, x); !errors.Is(err, index.ErrLost) {
				t.Errorf("Search for one, after the upkeep: %v, want ErrLost", err)
			}
			if _, err := x.Entries(t.Context()); !errors.Is(err, index.ErrLost) {
				t.Errorf("Entries: %v, want ErrLost", err)
			}
			must(t, x.Replace(t.Context(), some(5)))
			for _, each := range []*qdrant.Index{x, other} {
				must(t, each.Upkeep(t.Context(), 0))
				got, err := each.Search(t.Context(), index.Query{Vector: some(1)[0].Vector, K: 9})
				if err != nil || len(got) != 5 {
					t.Errorf("filled again: %d found, %v", len(got), err)
				}
			}
			if s.Alias("routes") != x.Collection() {
				t.Errorf("alias at %q", s.Alias("routes"))
			}
		})
	}
}

func TestAnEmptiedCollectionIsMissedWhereTextsAreOnTheServer(t *testing.T) {
	s := qdranttest.New(t)
	x := open(t, config(s, "one").WithTexts(-1))
	must(t, x.Replace(t.Context(), some(5)))
	recreate(t, operator(t, s), x.Collection(), dimension)
	_, err := x.Search(t.Context(), index.Query{Vector: some(1)[0].Vector, K: 5, Routes: []string{"r"}})
	if !errors.Is(err, index.ErrLost) {
		t.Errorf("Search: %v, want ErrLost", err)
	}
}

func TestAnotherDimensionUnderItsNameIsNamed(t *testing.T) {
	s := qdranttest.New(t)
	x := open(t, config(s, "one"))
	must(t, x.Replace(t.Context(), some(3)))
	recreate(t, operator(t, s), x.Collection(), 3)
	for what, err := range map[string]error{"Search": searchError(t, x), "Replace": x.Replace(t.Context(), some(3))} {
		if !errors.Is(err, index.ErrUnavailable) || !strings.Contains(err.Error(), "3 components") {
			t.Errorf("%s: %v, want ErrUnavailable with the dimension", what, err)
		}
	}
}

func TestAnAliasThatOthersDeleteIsNotMissed(t *testing.T) {
	s := qdranttest.New(t)
	x := open(t, config(s, "one"))
	must(t, x.Replace(t.Context(), some(3)))
	must(t, operator(t, s).DeleteAlias(t.Context(), "routes"))
	must(t, searchError(t, x))
	must(t, x.Upkeep(t.Context(), 0))
	must(t, searchError(t, x))
	again := open(t, config(s, "one")) // knows not whether it is complete
	if missing, _ := plan(t, again, some(3)); len(missing) != 0 {
		t.Errorf("%v are missing", missing)
	}
	must(t, again.Upsert(t.Context(), nil))
	must(t, searchError(t, again))
	if s.Alias("routes") != x.Collection() {
		t.Errorf("alias at %q", s.Alias("routes"))
	}
}

func TestAServerThatMayOnlyBeReadServes(t *testing.T) {
	s := qdranttest.New(t)
	must(t, open(t, config(s, "one")).Replace(t.Context(), some(3)))
	s.ReadOnly()
	x := open(t, config(s, "one"))
	must(t, x.Upsert(t.Context(), nil))
	must(t, searchError(t, x))
	must(t, x.Upkeep(t.Context(), 0))
	for what, err := range map[string]error{
		"Upsert":  x.Upsert(t.Context(), some(4)),
		"Replace": x.Replace(t.Context(), some(4)),
		"Delete":  x.Delete(t.Context(), index.Keys(some(1))),
	} {
		if !errors.Is(err, index.ErrUnavailable) || !strings.Contains(err.Error(), "Forbidden") {
			t.Errorf("%s: %v, want ErrUnavailable with the server's words", what, err)
		}
	}
	if missing, stale := plan(t, x, some(3)); len(missing)+len(stale) != 0 {
		t.Errorf("after it %v are missing and %v stale", missing, stale)
	}
}

func TestARestartedServerIsFoundAgain(t *testing.T) {
	s := qdranttest.New(t)
	x := open(t, config(s, "one"))
	must(t, x.Replace(t.Context(), some(3)))
	s.Stop(t)
	if err := searchError(t, x); !errors.Is(err, index.ErrUnreachable) {
		t.Errorf("while it is away: %v, want ErrUnreachable", err)
	}
	s.Start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // backing off takes a moment
	defer cancel()
	for {
		_, err := x.Search(ctx, index.Query{Vector: some(1)[0].Vector, K: 1})
		if err == nil {
			return
		}
		if !errors.Is(err, index.ErrUnreachable) {
			t.Fatalf("after the restart: %v", err)
		}
	}
}

func TestNoCallHangs(t *testing.T) {
	methods := []string{
		"Collections/Get", "Collections/ListAliases", "Collections/Create", "Collections/UpdateAliases", "Collections/List",
		"Points/Scroll", "Points/Query", "Points/Get", "Points/Delete", "Points/Count", "Points/Upsert", "Points/CreateFieldIndex",
	}
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			s := qdranttest.New(t)
			c := config(s, "one")
			c.SearchTimeout, c.WriteTimeout = 30*time.Millisecond, 30*time.Millisecond
			s.Delay(method, 1000, time.Hour)
			if !use(t, c) {
				t.Error("nothing was slow: the method is not called")
			}
		})
	}
}

// use calls everything and tells whether something took too long. Each error
// must be one of the contract's.
func use(t *testing.T, c qdrant.Config) (slow bool) {
	now := clock{now: time.Now()}
	c = c.WithClock(now.Now)
	check := func(what string, err error) {
		switch {
		case errors.Is(err, index.ErrUnreachable):
			slow = true
		case err != nil && !errors.Is(err, index.ErrUnavailable) && !errors.Is(err, index.ErrEmpty):
			t.Errorf("%s: %v", what, err)
		}
	}
	x, err := qdrant.Open(t.Context(), c)
	check("Open", err)
	if err != nil {
		return slow
	}
	defer func() { _ = x.Close() }()
	check("Replace", x.Replace(t.Context(), some(3)))
	check("Upsert", x.Upsert(t.Context(), some(5)))
	check("Search", searchError(t, x))
	_, err = x.Entries(t.Context())
	check("Entries", err)
	check("Delete", x.Delete(t.Context(), index.Keys(some(1))))
	now.pass(2 * qdrant.Grace)
	check("Upkeep", x.Upkeep(t.Context(), 0))
	_, err = x.Prune(t.Context())
	check("Prune", err)
	return slow
}

func TestCloseEndsTheConnections(t *testing.T) {
	s := qdranttest.New(t)
	for range 3 {
		x, err := qdrant.Open(t.Context(), config(s, "one"))
		must(t, err)
		must(t, x.Replace(t.Context(), some(3)))
		if s.Connections() == 0 {
			t.Error("no connection is open")
		}
		must(t, x.Close())
	}
	s.Fail("Points/Scroll", 0, 1, status.Error(codes.Internal, "disk is full"))
	if _, err := qdrant.Open(t.Context(), config(s, "one")); err == nil {
		t.Error("Open: no error")
	}
	for deadline := time.Now().Add(20 * time.Second); s.Connections() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond) // the server hears of it a moment later
	}
	if n := s.Connections(); n != 0 {
		t.Errorf("%d connections are still open", n)
	}
}

// TestAWriteThatEndsAnywhereIsMadeGood lets the n-th write of a Replace fail:
// the index goes on with what it held, another process starts without
// trouble, and Replace again leaves exactly the new entries.
func TestAWriteThatEndsAnywhereIsMadeGood(t *testing.T) {
	first, second := some(12)[:7], some(12)[4:]
	second[0].Vector = some(8)[7].Vector // one has another vector now
	for _, method := range []string{"Points/Upsert", "Collections/Create", "Collections/UpdateAliases", "Points/Get", "Points/Scroll"} {
		for skip := range 5 {
			s := qdranttest.New(t)
			x := open(t, config(s, "one"))
			must(t, x.Replace(t.Context(), first))
			s.Fail(method, skip, 1, status.Error(codes.Internal, "power cut"))
			if err := x.Replace(t.Context(), second); err != nil {
				got, err := x.Search(t.Context(), index.Query{Vector: first[0].Vector, K: 99})
				if err != nil || len(got) != len(first) {
					t.Errorf("%s %d: it finds %d, %v; want the former %d", method, skip, len(got), err, len(first))
				}
			}
			s.Heal()
			after := open(t, config(s, "one"))
			must(t, after.Replace(t.Context(), second))
			for _, each := range []*qdrant.Index{after, open(t, config(s, "one"))} {
				got, err := each.Entries(t.Context())
				if err != nil || len(got) != len(second) {
					t.Errorf("%s %d: in the end there are %d entries, %v; want %d", method, skip, len(got), err, len(second))
				}
			}
		}
	}
}
