package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
	"github.com/semroute/semroute/store/storetest"
)

// TestALedgerIsForItsOwner: files that others may read are made private, which
// is said, and new ones are private from the start.
func TestALedgerIsForItsOwner(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes on windows")
	}
	path := filepath.Join(t.TempDir(), "calls.db")
	var log bytes.Buffer
	config := store.Config{Prompts: store.FullPrompts, Log: zerolog.New(&log)}
	files := []string{path, path + "-wal", path + "-shm", path + ".lock"}
	check := func(when string) {
		t.Helper()
		for _, file := range files {
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode != 0o600 {
				t.Errorf("%s: %s has mode %v", when, file, mode)
			}
		}
	}
	s := open(t, path, config)
	s.Append(one("secret"))
	storetest.Sync(t, s)
	check("a new file")
	if log.Len() > 0 {
		t.Errorf("a new file is warned of: %s", log.String())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range files { // as a process that was killed leaves them
		if err := os.WriteFile(file+".new", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(file); err == nil {
			_ = os.Remove(file + ".new")
		} else if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s = open(t, path, config)
	s.Append(one("secret"))
	storetest.Sync(t, s)
	check("an old file")
	for _, file := range files {
		if !strings.Contains(log.String(), `"file":"`+file+`"`) {
			t.Errorf("no warning names %s: %s", file, log.String())
		}
	}
}

func TestALedgerOfAnotherUser(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("this user may read every file")
	}
	path := filepath.Join(t.TempDir(), "calls.db")
	if err := open(t, path, store.Config{}).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.OpenReader(context.Background(), path); !errors.Is(err, store.ErrUnusable) || !strings.Contains(err.Error(), "another user") {
		t.Errorf("error is %v", err)
	}
}
