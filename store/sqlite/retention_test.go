package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/storetest"
)

func TestRetentionBySize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	l := open(t, path, store.Config{Prompts: store.FullPrompts})
	for i := range 2000 {
		l.Append(storetest.Record(time.Unix(int64(i), 0), "r", "m", "u", strings.Repeat("x", 1000), 1))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	const size = 1 << 20
	l = open(t, path, store.Config{MaxBytes: size})
	storetest.Sync(t, l) // the first thing that the writer does is to prune
	left := len(storetest.Lines(t, l, store.Filter{}))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if left == 0 || left >= 1500 {
		t.Errorf("%d records are left by size", left)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > size+1<<16 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}
