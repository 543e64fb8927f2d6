package mapped_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/semroute/semroute/internal/mapped"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("old content"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	data, memory, err := mapped.Read(file, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	runtime.GC() // nothing is given back while it is held
	runtime.GC()
	if string(data) != "old" {
		t.Errorf("got %q, want the first 3 bytes", data)
	}
	memory.Keep()
}

func TestReadOfAFolderFails(t *testing.T) {
	folder, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	if data, _, err := mapped.Read(folder, 3); err == nil {
		t.Errorf("got %q, want an error", data)
	}
}
