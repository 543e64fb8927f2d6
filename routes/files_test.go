package routes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestReadingIsBounded(t *testing.T) {
	fsys := fstest.MapFS{"a": {Data: []byte(strings.Repeat("x", 2<<20))}}
	if data, err := readWhole(within{fsys}, "a", 2<<20); err != nil || len(data) != 2<<20 {
		t.Errorf("a file of exactly the limit gave %d bytes, %v", len(data), err)
	}
	_, err := readWhole(within{fsys}, "a", 2<<20-1)
	if err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("a file above the limit gave %v", err)
	}
}

func TestALargeCatalogIsRefusedBeforeItIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 50<<20); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path)
	if want := path + ": too large: a file of this kind has at most 16 MiB"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestUtteranceFilesAreRelativeToTheirCatalogFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("shared/a.txt", "from beside\n")
	write("absolute.txt", "from anywhere\n")
	// A byte order mark and Windows line ends, as some editors write them.
	write("c/c.yaml", "\ufeffroutes:\r\n  - name: a\r\n    utterance_files:\r\n      - ../shared/a.txt\r\n      - "+
		filepath.ToSlash(filepath.Join(dir, "absolute.txt"))+"\r\n    description: two words\r\n")
	c, err := Load(filepath.Join(dir, "c"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Routes[0].Utterances, "|"); got != "from beside|from anywhere" {
		t.Errorf("utterances are %s", got)
	}
	if got, want := c.Routes[0].UtterancesAt[0].String(), filepath.Join(dir, "shared", "a.txt")+":1:1"; got != want {
		t.Errorf("the first stands at %s, want %s", got, want)
	}
	if got := c.Routes[0].Description; got != "two words" {
		t.Errorf("the description is %q", got)
	}
}

func TestAnUtteranceFileMustBeAPlainFile(t *testing.T) {
	fsys := fstest.MapFS{
		"c.yaml":      {Data: []byte("routes: [{name: a, utterances: [x], utterance_files: [dir.txt]}]")},
		"dir.txt/sub": {Data: []byte("x")},
	}
	_, err := LoadFS(fsys, "c.yaml")
	want := `c.yaml:1:55: utterance file "dir.txt": not a plain file but a folder`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
