package sqlite_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
	"github.com/semroute/semroute/store/storetest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("STORE_TEST_WRITER"); path != "" {
		writeForever(path)
		return
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, path string, config store.Config) *sqlite.Store {
	t.Helper()
	if path == "" {
		path = filepath.Join(t.TempDir(), "calls.db")
	}
	s, err := sqlite.Open(context.Background(), path, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestContract(t *testing.T) {
	folders := map[string]string{}
	storetest.Run(t, func(t testing.TB, name string, config store.Config) store.Store {
		if folders[t.Name()] == "" {
			folders[t.Name()] = t.TempDir()
		}
		return open(t, filepath.Join(folders[t.Name()], name+".db"), config)
	})
}

func one(prompt string) store.Record {
	return storetest.Record(time.Now(), "r", "m", "u", prompt, 1)
}

// handle is the file as any other program sees it.
func handle(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t testing.TB, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestWhatMayNotBeStoredIsNotInTheFile(t *testing.T) {
	for _, policy := range []store.Prompts{store.NoPrompts, store.HashedPrompts, store.RedactedPrompts} {
		path := filepath.Join(t.TempDir(), "calls.db")
		s := open(t, path, store.Config{Prompts: policy})
		s.Append(one("i am jo@example.com"))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte("jo@example.com")) {
			t.Errorf("%s: the prompt is in the file", policy)
		}
	}
}

// writeForever appends records until it is killed, and says after each Sync
// how many are safe.
func writeForever(path string) {
	s, err := sqlite.Open(context.Background(), path, store.Config{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	for n := 1; ; n++ {
		s.Append(one(""))
		if n%100 == 0 {
			if err := s.Sync(context.Background()); err != nil {
				fmt.Println("error", err)
				return
			}
			fmt.Println(n)
		}
	}
}

// TestAnotherProcess: while one writes, another does not, and is told who
// does; both read. When the writer is killed, what it committed is there, and
// the file is free.
func TestAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "STORE_TEST_WRITER="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	safe := 0
	until := func(n int) {
		t.Helper()
		for safe < n && said.Scan() {
			if safe, err = strconv.Atoi(said.Text()); err != nil {
				t.Fatal(said.Text())
			}
		}
	}
	until(100)
	host, _ := os.Hostname()
	_, err = sqlite.Open(context.Background(), path, store.Config{})
	for _, part := range []string{path, fmt.Sprintf("process %d on host %s since 20", child.Process.Pid, host)} {
		if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), part) {
			t.Errorf("the second writer was told %v, not %q", err, part)
		}
	}
	calls := func() int64 {
		t.Helper()
		r, err := sqlite.OpenReader(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		report, err := r.Report(context.Background(), time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		return report.Total.Calls
	}
	if n := calls(); n < int64(safe) {
		t.Errorf("%d calls are read of at least %d", n, safe)
	}
	until(500)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	if n := calls(); n < int64(safe) || safe < 500 {
		t.Errorf("%d calls are left of at least %d", n, safe)
	}
	open(t, path, store.Config{})
}

func TestOneWriterInAProcess(t *testing.T) {
	folder := t.TempDir()
	path, link := filepath.Join(folder, "calls.db"), filepath.Join(folder, "link.db")
	first := open(t, path, store.Config{})
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link, filepath.Join(folder, ".", "calls.db")} {
		if _, err := sqlite.Open(context.Background(), name, store.Config{}); !errors.Is(err, store.ErrInUse) {
			t.Errorf("%s was opened a second time: %v", name, err)
		}
	}
	// Trying must not have taken the first one's locks.
	first.Append(one(""))
	storetest.Sync(t, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, link, store.Config{})
	if n := len(storetest.Lines(t, second, store.Filter{})); n != 1 {
		t.Errorf("%d records", n)
	}
}

// TestFailingDisk: appending goes on, the state says so, and all is kept after
// the disk has recovered.
func TestFailingDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	s := open(t, path, store.Config{FlushEvery: time.Millisecond})
	db := handle(t, path)
	run(t, db, "ALTER TABLE calls RENAME TO hidden")
	s.Append(one(""))
	if err := s.Sync(context.Background()); err == nil {
		t.Error("Sync has no error")
	}
	if got := s.Stats(); got.Lost != 0 || got.Waiting != 1 || got.Failing == "" || got.LastError == "" {
		t.Errorf("stats are %+v", got)
	}
	run(t, db, "ALTER TABLE hidden RENAME TO calls")
	s.Append(one(""))
	storetest.Sync(t, s)
	if got := s.Stats(); got.Written != 2 || got.Failing != "" || got.WaitingBytes != 0 {
		t.Errorf("stats are %+v", got)
	}
}

// TestAFullDisk: records wait within their bound and are counted beyond it,
// everything else says what is wrong, and all that waits is kept once there is
// room.
func TestAFullDisk(t *testing.T) {
	ctx := context.Background()
	s := open(t, "", store.Config{Prompts: store.FullPrompts, QueueBytes: 1 << 20})
	if err := sqlite.LimitPages(ctx, s, 40); err != nil {
		t.Fatal(err)
	}
	prompt := strings.Repeat("x", 20_000)
	const n = 100
	for range n {
		s.Append(one(prompt))
	}
	if err := s.Sync(ctx); err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("Sync says %v", err)
	}
	got := s.Stats()
	if !strings.Contains(got.Failing, "full") || got.Waiting == 0 || got.WaitingBytes > 1<<20 || got.Lost == 0 || got.Lost+int64(got.Waiting) != n {
		t.Errorf("stats are %+v", got)
	}
	var err error
	for i := 0; err == nil && i < 1000; i++ {
		_, err = s.AddRevision(ctx, int64(i), store.Revision{Etag: "e", Catalog: prompt})
	}
	if !errors.Is(err, store.ErrUnusable) || !strings.Contains(err.Error(), "full") {
		t.Errorf("a revision: %v", err)
	}
	if err := sqlite.LimitPages(ctx, s, 1<<20); err != nil {
		t.Fatal(err)
	}
	storetest.Sync(t, s)
	if after := s.Stats(); after.Failing != "" || after.Written != int64(got.Waiting) || after.Lost != got.Lost {
		t.Errorf("with room again stats are %+v, before %+v", after, got)
	}
}

// TestMemoryBehindALockedFile: while somebody holds the file, what waits is
// bounded, and what finds no room is counted.
func TestMemoryBehindALockedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	const bound, n = 4 << 20, 2000
	s := open(t, path, store.Config{Prompts: store.FullPrompts, QueueBytes: bound})
	held, err := handle(t, path).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }()
	run(t, held, "BEGIN IMMEDIATE")
	prompt := strings.Repeat("x", 100_000)
	for range n {
		s.Append(one(prompt))
		if waiting := s.Stats().WaitingBytes; waiting > bound {
			t.Fatalf("%d bytes wait", waiting)
		}
	}
	if got := s.Stats(); got.Lost < n-bound/100_000-1 || !strings.Contains(got.LastError, "no room in the queue") {
		t.Errorf("stats are %+v", got)
	}
	run(t, held, "ROLLBACK")
	storetest.Sync(t, s)
	if got := s.Stats(); got.Written+got.Lost != n || got.Written == 0 || got.Waiting != 0 || got.WaitingBytes != 0 {
		t.Errorf("stats are %+v", got)
	}
}

func TestBadConfig(t *testing.T) {
	ctx, folder := context.Background(), t.TempDir()
	if _, err := sqlite.Open(ctx, "", store.Config{}); !errors.Is(err, store.ErrConfig) {
		t.Errorf("no path: %v", err)
	}
	if _, err := sqlite.Open(ctx, "x", store.Config{Prompts: "some"}); !errors.Is(err, store.ErrConfig) {
		t.Errorf("unknown prompts: %v", err)
	}
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"no database": text, "a folder": folder, "a device": os.DevNull, "no such folder": filepath.Join(folder, "no", "calls.db"),
	} {
		if _, err := sqlite.Open(ctx, path, store.Config{}); !errors.Is(err, store.ErrUnusable) {
			t.Errorf("writing %s: %v", name, err)
		}
		if _, err := sqlite.OpenReader(ctx, path); !errors.Is(err, store.ErrUnusable) {
			t.Errorf("reading %s: %v", name, err)
		}
	}
}

// TestALockThatIsNoFile does not hang.
func TestALockThatIsNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	if err := os.Symlink(os.DevNull, path+".lock"); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(context.Background(), path, store.Config{}); !errors.Is(err, store.ErrUnusable) {
		t.Errorf("error is %v", err)
	}
}

// BenchmarkAppend counts what is on disk, not what is queued.
func BenchmarkAppend(b *testing.B) {
	s := open(b, "", store.Config{Queue: 1 << 20, QueueBytes: 1 << 30, Prompts: store.RedactedPrompts})
	record := one("where is the refund for my order 4711?")
	b.ReportAllocs()
	for b.Loop() {
		s.Append(record)
		if s.Stats().Waiting > 1<<19 {
			storetest.Sync(b, s)
		}
	}
	storetest.Sync(b, s)
	if lost := s.Stats().Lost; lost > 0 {
		b.Fatalf("%d lost", lost)
	}
	b.ReportMetric(float64(s.Stats().Written)/b.Elapsed().Seconds(), "records/s")
}
