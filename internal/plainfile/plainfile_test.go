package plainfile_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/semroute/semroute/internal/plainfile"
)

func TestWhatIsNoPlainFileIsRefusedWithoutWaiting(t *testing.T) {
	dir := t.TempDir()
	pipe, socket := filepath.Join(dir, "pipe"), filepath.Join(dir, "socket")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir: "not a plain file but a folder", pipe: "not a plain file but a pipe", link: "not a plain file but a pipe",
		socket: "not a plain file but a socket", os.DevNull: "not a plain file but a device",
	} {
		_, err := plainfile.Read(path, 1<<20)
		if !errors.Is(err, plainfile.ErrNotPlain) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s gave %v, want %q", path, err, want)
		}
	}
	if _, err := plainfile.Read(filepath.Join(dir, "absent"), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there gave %v", err)
	}
}

// Kubernetes mounts configuration as links to links.
func TestLinksAreFollowed(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "..data", "a.yaml"), "content")
	for _, step := range [][2]string{{filepath.Join("..data", "a.yaml"), "b.yaml"}, {"b.yaml", "c.yaml"}} {
		if err := os.Symlink(step[0], filepath.Join(dir, step[1])); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := plainfile.Read(filepath.Join(dir, "c.yaml"), 100); err != nil || string(data) != "content" {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestSizesAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for size, limit := range map[int]int64{0: 0, 10: 10, 11: plainfile.AnySize} {
		write(t, path, strings.Repeat("x", size))
		if data, err := plainfile.Read(path, limit); err != nil || len(data) != size {
			t.Errorf("%d bytes within %d gave %d, %v", size, limit, len(data), err)
		}
	}
	write(t, path, strings.Repeat("x", 3<<10))
	for limit, want := range map[int64]string{3<<10 - 1: "3071 bytes", 2 << 10: "2 KiB"} {
		if _, err := plainfile.Read(path, limit); !errors.Is(err, plainfile.ErrTooLarge) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("a limit of %d gave %v", limit, err)
		}
	}
	// A file that has grown since it was opened.
	if _, err := plainfile.ReadAll(strings.NewReader("four"), "a", 3); !errors.Is(err, plainfile.ErrTooLarge) {
		t.Errorf("four bytes within three gave %v", err)
	}
}

func TestFileSystemsAreHeldToTheSame(t *testing.T) {
	fsys := fstest.MapFS{"dir/a": {Data: []byte("four")}, "pipe": {Mode: fs.ModeNamedPipe}}
	for path, want := range map[string]error{"dir": plainfile.ErrNotPlain, "pipe": plainfile.ErrNotPlain, "dir/a": plainfile.ErrTooLarge} {
		if _, err := plainfile.OpenFS(fsys, path, 3); !errors.Is(err, want) {
			t.Errorf("%s gave %v, want %v", path, err, want)
		}
	}
	if file, err := plainfile.OpenFS(fsys, "dir/a", 4); err != nil {
		t.Error(err)
	} else if err := file.Close(); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
