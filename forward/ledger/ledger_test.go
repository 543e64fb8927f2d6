package ledger_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/ledger"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("LEDGER_TEST_WRITER"); path != "" {
		writeForever(path)
		return
	}
	goleak.VerifyTestMain(m)
}

// clock is a time that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 31, 23, 59, 30, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t testing.TB, config ledger.Config) *ledger.Ledger {
	t.Helper()
	if config.Path == "" {
		config.Path = filepath.Join(t.TempDir(), "calls.db")
	}
	l, err := ledger.Open(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func sync1(t testing.TB, l *ledger.Ledger) {
	t.Helper()
	if err := l.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func record(at time.Time, route, model, user, prompt string, cost int64) forward.Record {
	return forward.Record{
		Time: at, Decision: forward.Decision{ID: "d", Route: route, Confidence: 0.5}, Prompt: prompt, User: user,
		Forwarded: true, Model: model, Usage: forward.Usage{InputTokens: 3, OutputTokens: 4},
		Costs:    forward.Costs{Answer: cost, Failed: 1, Routing: 2, Dearest: 10 * cost},
		Attempts: []forward.Attempt{{Model: model, Status: forward.Done, Cost: cost}},
	}
}

// lines are the exported records.
func lines(t *testing.T, l *ledger.Ledger, f ledger.Filter) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	n, err := l.Export(context.Background(), &out, f)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	for s := bufio.NewScanner(&out); s.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(s.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		list = append(list, line)
	}
	if len(list) != n {
		t.Errorf("%d lines, but Export says %d", len(list), n)
	}
	return list
}

func TestPromptsAreStoredAsFarAsAllowed(t *testing.T) {
	const prompt = "i am jo@example.com, call +49 170 1234567, my key is sk-abcdefghijklmnop1234"
	for policy, want := range map[ledger.Prompts]string{
		"":                     "",
		ledger.NoPrompts:       "",
		ledger.HashedPrompts:   "",
		ledger.RedactedPrompts: "i am [email], call [number], my key is [key]",
		ledger.FullPrompts:     prompt,
	} {
		t.Run(string(policy), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "calls.db")
			l := open(t, ledger.Config{Path: path, Prompts: policy})
			l.Append(record(time.Now(), "r", "m", "u", prompt, 5))
			l.Append(record(time.Now(), "r", "m", "u", prompt, 5))
			sync1(t, l)
			list := lines(t, l, ledger.Filter{})
			text, _ := list[0]["text"].(string)
			if text != want {
				t.Errorf("text is %q, want %q", text, want)
			}
			inside := list[0]["record"].(map[string]any)["prompt"]
			if policy == ledger.HashedPrompts && (inside == nil || inside != list[1]["record"].(map[string]any)["prompt"]) {
				t.Errorf("hash is %v", inside)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if policy != ledger.FullPrompts && bytes.Contains(raw, []byte("jo@example.com")) {
				t.Error("the prompt is in the file")
			}
		})
	}
}

func TestExportIsALabelledPrompt(t *testing.T) {
	c := newClock()
	l := open(t, ledger.Config{Prompts: ledger.FullPrompts, Now: c.Now})
	old := c.Now()
	c.pass(time.Hour)
	l.Append(record(old, "old", "m", "u", "x", 1))
	l.Append(record(c.Now(), "billing", "m", "u", "where is my <refund>", 1))
	l.Append(record(c.Now(), "", "m", "u", "", 1))
	sync1(t, l)
	list := lines(t, l, ledger.Filter{Since: c.Now(), WithText: true})
	if len(list) != 1 || list[0]["text"] != "where is my <refund>" || list[0]["route"] != "billing" {
		t.Errorf("exported %v", list)
	}
	var back forward.Record
	raw, _ := json.Marshal(list[0]["record"])
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	want := record(c.Now(), "billing", "m", "u", "", 1)
	if diff := cmp.Diff(want, back); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if all := lines(t, l, ledger.Filter{}); len(all) != 3 {
		t.Errorf("%d records in all", len(all))
	}
}

func TestReport(t *testing.T) {
	c := newClock()
	l := open(t, ledger.Config{Now: c.Now})
	l.Append(record(c.Now().Add(-time.Hour), "old", "old", "old", "", 1000))
	l.Append(record(c.Now(), "a", "small", "jo", "", 97))
	l.Append(record(c.Now(), "a", "large", "jo", "", 197))
	failed := record(c.Now(), "b", "", "mo", "", 0)
	failed.Error = "broke"
	l.Append(failed)
	l.Append(forward.Record{Time: c.Now(), Decision: forward.Decision{Route: "b"}, User: "mo", Costs: forward.Costs{Routing: 2}})
	sync1(t, l)
	got, err := l.Report(context.Background(), c.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := ledger.Report{
		Since: c.Now(),
		Total: ledger.Sum{Decisions: 4, Calls: 3, Failed: 1, InputTokens: 9, OutputTokens: 12, Answer: 294, Wasted: 3, Routing: 8, Dearest: 2940},
		Routes: []ledger.Sum{
			{Name: "a", Decisions: 2, Calls: 2, InputTokens: 6, OutputTokens: 8, Answer: 294, Wasted: 2, Routing: 4, Dearest: 2940},
			{Name: "b", Decisions: 2, Calls: 1, Failed: 1, InputTokens: 3, OutputTokens: 4, Wasted: 1, Routing: 4},
		},
		Models: []ledger.Sum{
			{Name: "large", Decisions: 1, Calls: 1, InputTokens: 3, OutputTokens: 4, Answer: 197, Wasted: 1, Routing: 2, Dearest: 1970},
			{Name: "small", Decisions: 1, Calls: 1, InputTokens: 3, OutputTokens: 4, Answer: 97, Wasted: 1, Routing: 2, Dearest: 970},
			{Name: "", Decisions: 2, Calls: 1, Failed: 1, InputTokens: 3, OutputTokens: 4, Wasted: 1, Routing: 4},
		},
		Users: []ledger.Sum{
			{Name: "jo", Decisions: 2, Calls: 2, InputTokens: 6, OutputTokens: 8, Answer: 294, Wasted: 2, Routing: 4, Dearest: 2940},
			{Name: "mo", Decisions: 2, Calls: 1, Failed: 1, InputTokens: 3, OutputTokens: 4, Wasted: 1, Routing: 4},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if s := got.Models[1].SavingPercent(); s < 89.69 || s > 89.70 {
		t.Errorf("saving is %v %%", s)
	}
	if s := got.Routes[1].SavingPercent(); s != 0 {
		t.Errorf("saving without a comparison is %v %%", s)
	}
}

func TestNothingIsLostOnClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	l := open(t, ledger.Config{Path: path})
	const writers, each = 8, 500
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for range each {
				l.Append(record(time.Now(), "r", "m", strconv.Itoa(w), "", 1))
			}
		})
	}
	group.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l.Append(record(time.Now(), "r", "m", "late", "", 1))
	if s := l.Stats(); s.Written != writers*each || s.Lost != 1 {
		t.Errorf("stats are %+v", s)
	}
	r, err := ledger.OpenReader(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	report, err := r.Report(context.Background(), time.Time{}.AddDate(1970, 0, 0))
	if err != nil || report.Total.Calls != writers*each || len(report.Users) != writers {
		t.Errorf("%d calls of %d users, %v", report.Total.Calls, len(report.Users), err)
	}
	if err := l.Sync(context.Background()); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("Sync after Close: %v", err)
	}
}

// writeForever appends records until it is killed, and says after each Sync
// how many are safe.
func writeForever(path string) {
	l, err := ledger.Open(context.Background(), ledger.Config{Path: path})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	for n := 1; ; n++ {
		l.Append(record(time.Now(), "r", "m", "u", "", 1))
		if n%100 == 0 {
			if err := l.Sync(context.Background()); err != nil {
				fmt.Println("error", err)
				return
			}
			fmt.Println(n)
		}
	}
}

// TestKill: what was committed survives kill -9.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "LEDGER_TEST_WRITER="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	safe := 0
	for s := bufio.NewScanner(out); safe < 500 && s.Scan(); {
		if safe, err = strconv.Atoi(s.Text()); err != nil {
			t.Fatal(s.Text())
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	l := open(t, ledger.Config{Path: path})
	report, err := l.Report(context.Background(), time.Unix(0, 0))
	if err != nil || report.Total.Calls < int64(safe) || safe < 500 {
		t.Errorf("%d calls are left of at least %d, %v", report.Total.Calls, safe, err)
	}
}

// TestFailingDisk: appending goes on, the loss is counted, and what comes
// after the disk has recovered is kept.
func TestFailingDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	l := open(t, ledger.Config{Path: path, FlushEvery: time.Millisecond})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec("ALTER TABLE calls RENAME TO hidden"); err != nil {
		t.Fatal(err)
	}
	l.Append(record(time.Now(), "r", "m", "u", "", 1))
	_ = l.Sync(context.Background())
	for l.Stats().Lost == 0 {
		time.Sleep(time.Millisecond)
	}
	if s := l.Stats(); s.Lost != 1 || s.LastError == "" {
		t.Errorf("stats are %+v", s)
	}
	if _, err := db.Exec("ALTER TABLE hidden RENAME TO calls"); err != nil {
		t.Fatal(err)
	}
	l.Append(record(time.Now(), "r", "m", "u", "", 1))
	sync1(t, l)
	if s := l.Stats(); s.Written != 1 {
		t.Errorf("stats are %+v", s)
	}
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), "1 records were lost") {
		t.Errorf("Close says %v", err)
	}
}

func TestBadConfig(t *testing.T) {
	ctx := context.Background()
	if _, err := ledger.Open(ctx, ledger.Config{}); !errors.Is(err, ledger.ErrConfig) {
		t.Errorf("no path: %v", err)
	}
	if _, err := ledger.Open(ctx, ledger.Config{Path: "x", Prompts: "some"}); !errors.Is(err, ledger.ErrConfig) {
		t.Errorf("unknown prompts: %v", err)
	}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(ctx, ledger.Config{Path: text}); !errors.Is(err, ledger.ErrFile) {
		t.Errorf("no database: %v", err)
	}
	if _, err := ledger.OpenReader(ctx, filepath.Join(t.TempDir(), "none")); !errors.Is(err, ledger.ErrFile) {
		t.Errorf("no file: %v", err)
	}
}

// BenchmarkAppend counts what is on disk, not what is queued.
func BenchmarkAppend(b *testing.B) {
	l := open(b, ledger.Config{Queue: 1 << 20, Prompts: ledger.RedactedPrompts})
	one := record(time.Now(), "billing", "small", "somebody", "where is the refund for my order 4711?", 1234)
	b.ReportAllocs()
	for b.Loop() {
		l.Append(one)
		if l.Stats().Waiting > 1<<19 {
			sync1(b, l)
		}
	}
	sync1(b, l)
	if lost := l.Stats().Lost; lost > 0 {
		b.Fatalf("%d lost", lost)
	}
	b.ReportMetric(float64(l.Stats().Written)/b.Elapsed().Seconds(), "records/s")
}
