package ledger_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/forward/ledger"
)

func TestRetention(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	c := newClock()
	l := open(t, ledger.Config{Path: path, Prompts: ledger.FullPrompts, Now: c.Now})
	for i := range 2000 {
		l.Append(record(c.Now().Add(time.Duration(i)*time.Second), "r", "m", "u", strings.Repeat("x", 1000), 1))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c.pass(2000 * time.Second)
	count := func(config ledger.Config) int {
		config.Path, config.Now = path, c.Now
		l := open(t, config)
		sync1(t, l) // the first thing that the writer does is to prune
		n := len(lines(t, l, ledger.Filter{}))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(ledger.Config{MaxAge: 1500 * time.Second}); n != 1500 {
		t.Errorf("%d records are left by age", n)
	}
	const size = 1 << 20
	left := count(ledger.Config{MaxBytes: size})
	if left == 0 || left >= 1500 {
		t.Errorf("%d records are left by size", left)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > size+1<<16 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}
