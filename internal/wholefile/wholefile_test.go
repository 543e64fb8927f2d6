package wholefile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/internal/wholefile"
)

func say(text string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		_, wrote := io.WriteString(w, text)
		return errors.Join(wrote, err)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	boom := errors.New("boom")
	for _, step := range []struct {
		name  string
		write func(io.Writer) error
		err   error
		want  string
	}{
		{"a new file", say("one", nil), nil, "one"},
		{"a failed write leaves the old one", say("half", boom), boom, "one"},
		{"another content", say("two", nil), nil, "two"},
	} {
		if err := wholefile.Replace(path, 0o640, step.write); !errors.Is(err, step.err) {
			t.Fatalf("%s: got %v, want %v", step.name, err, step.err)
		}
		content, err := os.ReadFile(path)
		if err != nil || string(content) != step.want {
			t.Fatalf("%s: %q, %v; want %q", step.name, content, err, step.want)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v; want 640", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left beside it: %v, %v", left, err)
	}
}
