package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres"
	"github.com/semroute/semroute/store/storetest"
)

func ask(limit, amount int64) []store.Ask {
	return []store.Ask{{Account: store.Account{Budget: "b", Scope: "team", Name: "t", Period: store.Month}, Limit: limit, Amount: amount}}
}

func reserve(t testing.TB, s store.Accounts, asks []store.Ask) store.Hold {
	t.Helper()
	hold, err := s.Reserve(context.Background(), asks)
	if err != nil {
		t.Fatal(err)
	}
	return hold
}

// eventually waits for what another goroutine or process brings about.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 30 s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestABudgetHoldsForAllReplicas: together they spend no more than the limit and
// what calls in flight cost beyond their reservations.
func TestABudgetHoldsForAllReplicas(t *testing.T) {
	const limit, reserved, excess, replicas, callers = 100_000, 10, 5, 3, 8
	url := address(t)
	var spent, refusals atomic.Int64
	var group sync.WaitGroup
	for range replicas {
		s := open(t, url, store.Config{})
		for range callers {
			group.Go(func() {
				for again := 0; again < 20; {
					hold, err := s.Reserve(context.Background(), ask(limit, reserved))
					if errors.Is(err, store.ErrExceeded) {
						again++
						refusals.Add(1)
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					spent.Add(reserved + excess)
					hold.Settle([]int64{reserved + excess})
				}
			})
		}
	}
	group.Wait()
	over := spent.Load() - limit
	t.Logf("spent %d of %d with %d callers of %d replicas", spent.Load(), limit, callers, replicas)
	if over > replicas*callers*excess {
		t.Errorf("overshot by %d, calls in flight may by %d", over, replicas*callers*excess)
	}
	if over < -limit/100 {
		t.Errorf("only %d of %d could be spent", spent.Load(), limit)
	}
}

// TestADeadReplicasLeaseExpires: what it held is free again, what it had booked
// stays spent.
func TestADeadReplicasLeaseExpires(t *testing.T) {
	url, c := address(t), storetest.NewClock()
	c.Pass(-time.Hour) // far from the end of the month
	config := store.Config{Now: c.Now}
	dead, alive := open(t, url, config), open(t, url, config)
	reserve(t, dead, ask(100, 20)).Settle([]int64{20})
	reserve(t, dead, ask(100, 70)) // books the 20 too
	postgres.Abandon(dead)
	var exceeded *store.ExceededError
	if _, err := alive.Reserve(context.Background(), ask(100, 60)); !errors.As(err, &exceeded) || exceeded.Used < 90 {
		t.Fatalf("while its lease holds: %v", err)
	}
	c.Pass(31 * time.Second)
	reserve(t, alive, ask(100, 60)).Settle([]int64{60})
	if _, err := alive.Reserve(context.Background(), ask(100, 30)); !errors.As(err, &exceeded) || exceeded.Used != 80 {
		t.Errorf("after that: %v", err)
	}
}

// TestWhatIsNotNeededGoesBack: a replica that has no calls leaves the whole
// budget to the others.
func TestWhatIsNotNeededGoesBack(t *testing.T) {
	url := address(t)
	idle, busy := open(t, url, store.Config{}), open(t, url, store.Config{})
	reserve(t, idle, ask(1000, 50)).Settle([]int64{50})
	eventually(t, "its lease goes back", func() bool {
		hold, err := busy.Reserve(context.Background(), ask(1000, 950))
		if err == nil {
			hold.Settle(nil)
		}
		return err == nil
	})
}

// TestARevisionIsToldOfAtOnce: another replica's, within the two seconds of the
// contract.
func TestARevisionIsToldOfAtOnce(t *testing.T) {
	url := address(t)
	writer, reader := open(t, url, store.Config{}), open(t, url, store.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan int64, 16)
	var group sync.WaitGroup
	group.Go(func() { reader.WatchRevisions(ctx, func(head int64) { told <- head }) })
	if head := <-told; head != 0 {
		t.Errorf("at first it is told of %d", head)
	}
	for i := range int64(3) {
		if _, err := writer.AddRevision(ctx, i, store.Revision{Etag: "e", Time: time.Now()}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if head := <-told; head != i+1 {
			t.Errorf("told of %d after %d", head, i+1)
		}
		t.Logf("told after %s", time.Since(start).Round(time.Microsecond))
	}
	cancel()
	group.Wait()
}

// TestALockIsLostWithItsConnection: who held it is told, and another gets it.
func TestALockIsLostWithItsConnection(t *testing.T) {
	url := address(t)
	first, second := open(t, url, store.Config{}), open(t, url, store.Config{})
	held, release, err := first.Lock(context.Background(), "build")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	query(t, url, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
	_, releaseSecond, err := second.Lock(context.Background(), "build")
	if err != nil {
		t.Fatal(err)
	}
	defer releaseSecond()
	<-held.Done()
}

// TestSeveralStartAtOnce: one makes the tables, all work.
func TestSeveralStartAtOnce(t *testing.T) {
	url := address(t)
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			s, err := postgres.Open(context.Background(), url, store.Config{})
			if err != nil {
				t.Error(err)
				return
			}
			s.Append(storetest.Record(time.Now(), fmt.Sprint(i), "m", "u", "", 1))
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	r, err := postgres.OpenReader(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if report, err := r.Report(context.Background(), time.Unix(0, 0)); err != nil || len(report.Routes) != 6 {
		t.Errorf("%+v, %v", report, err)
	}
}

// query runs one statement beside the store.
func query(t testing.TB, url, statement string, args ...any) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestBadAddresses(t *testing.T) {
	url := address(t)
	server, _, _ := strings.Cut(url, "?")
	open(t, url, store.Config{})
	newer := address(t)
	if err := open(t, newer, store.Config{}).Close(); err != nil {
		t.Fatal(err)
	}
	query(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)")
	older := address(t)
	if err := open(t, older, store.Config{}).Close(); err != nil {
		t.Fatal(err)
	}
	query(t, older, "DELETE FROM goose_db_version WHERE version_id > 0")
	tests := map[string]struct {
		url    string
		kind   error
		says   string
		reader bool
	}{
		"no address":       {"postgres://user:secret-word@host:port/db", store.ErrConfig, "postgres://USER@HOST:5432/DATABASE", false},
		"nobody there":     {"postgres://semroute:secret-word@127.0.0.1:1/semroute", store.ErrUnusable, `127.0.0.1:1, database "semroute"`, false},
		"no such database": {strings.Replace(server, "/postgres", "/nothing", 1), store.ErrUnusable, `database "nothing" does not exist`, false},
		"a newer program":  {newer, store.ErrUnusable, "version 99, this program knows up to", false},
		"read newer":       {newer, store.ErrUnusable, "version 99", true},
		"read older":       {older, store.ErrUnusable, "version 0, this program needs", true},
		"read nothing":     {address(t), store.ErrUnusable, "there is no store in schema", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var err error
			if test.reader {
				_, err = postgres.OpenReader(context.Background(), test.url)
			} else {
				_, err = postgres.Open(context.Background(), test.url, store.Config{})
			}
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret-word") {
				t.Errorf("error is %v, want %v with %q", err, test.kind, test.says)
			}
		})
	}
}

// TestRetentionBySize: the oldest go until the rest is within the bound.
func TestRetentionBySize(t *testing.T) {
	url := address(t)
	s := open(t, url, store.Config{Prompts: store.FullPrompts})
	for i := range 2000 {
		s.Append(storetest.Record(time.Unix(int64(i), 0), "r", "m", "u", strings.Repeat("x", 1000), 1))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, url, store.Config{MaxBytes: 1 << 20})
	storetest.Sync(t, s) // the first thing that the writer does is to prune
	list, err := s.Records(context.Background(), store.RecordFilter{})
	if err != nil || len(list) == 0 || len(list) >= 1000 || list[0].Time.Unix() != 1999 {
		t.Errorf("%d records are left by size, %v", len(list), err)
	}
}

// TestAReplicaWithAWrongClockDeletesNothing: what is old is so by the database's clock,
// also what budgets have booked.
func TestAReplicaWithAWrongClockDeletesNothing(t *testing.T) {
	s := open(t, address(t), store.Config{MaxAge: 24 * time.Hour})
	s.Append(storetest.Record(time.Now(), "r", "m", "u", "", 1))
	storetest.Sync(t, s)
	reserve(t, s, ask(1000, 10)).Settle([]int64{10})
	if err := postgres.PruneAt(s, time.Now().AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	list, err := s.Records(context.Background(), store.RecordFilter{})
	if err != nil || len(list) != 1 {
		t.Errorf("%d records are left, %v", len(list), err)
	}
	reserve(t, s, ask(1000, 990)).Settle([]int64{990})
	if _, err := s.Reserve(context.Background(), ask(1000, 1)); !errors.Is(err, store.ErrExceeded) {
		t.Errorf("spent is not what was spent: %v", err)
	}
}

// TestRecordsThatNoDatabaseTakes: one is cleaned or lost, the others are kept.
func TestRecordsThatNoDatabaseTakes(t *testing.T) {
	s := open(t, address(t), store.Config{Prompts: store.FullPrompts})
	for i := range 10 {
		r := storetest.Record(time.Now(), "r", "m", "u", "fine", 1)
		r.Decision = fmt.Sprint(i)
		if i == 3 {
			r.Route, r.User, r.Prompt, r.Body = "a\x00b", "\xff", "\x00\xfe", []byte("{\xff")
			r.Decision = strings.Repeat("long", 10_000)
		}
		s.Append(r)
	}
	storetest.Sync(t, s)
	if got := s.Stats(); got.Written != 10 || got.Lost != 0 {
		t.Errorf("stats are %+v", got)
	}
	got, err := s.Record(context.Background(), strings.Repeat("long", 10_000))
	if err != nil || got.Route != "a\uFFFDb" || got.User != "\uFFFD" || got.Body != nil {
		t.Errorf("%+v, %v", got, err)
	}
}
