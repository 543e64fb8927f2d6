package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semroute/semroute/forward/forwardtest"
)

// doubles are the servers of the catalog testdata/calls.yaml.
type doubles struct {
	near, far *forwardtest.Server
	catalog   string
}

// startDoubles starts both and writes the catalog with their addresses. more
// is put behind it.
func startDoubles(t *testing.T, near, far []forwardtest.Script, more ...string) doubles {
	t.Helper()
	d := doubles{
		near: forwardtest.NewServer(t, forwardtest.Ollama(), near...),
		far:  forwardtest.NewServer(t, forwardtest.OpenAI(), far...),
	}
	raw, err := os.ReadFile("testdata/calls.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("NEAR", d.near.URL, "FAR", d.far.URL).Replace(string(raw))
	d.catalog = catalogFile(t, text+strings.Join(more, ""))
	return d
}

// catalogFile writes a catalog. What is trained for it is kept by the test
// alone.
func catalogFile(t *testing.T, text string) string {
	t.Helper()
	t.Setenv("SEMROUTE_CACHE_DIR", t.TempDir())
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// scripts is what a double answers, call after call.
func scripts(s ...forwardtest.Script) []forwardtest.Script { return s }

// says answers with the words, a piece each, and a usage of ten tokens in and
// one a piece.
func says(words ...string) forwardtest.Script { return forwardtest.Answer(10, len(words), words...) }

func refuses(status int) forwardtest.Script {
	return func(w forwardtest.Wire) { w.Refuse(status, "out of order") }
}

// ran is what a run of the binary came to.
type ran struct {
	code     int
	out, err string
}

// runWith runs the binary to its end.
func runWith(t *testing.T, in string, args ...string) ran {
	t.Helper()
	code, out, errs := runCommand(t.Context(), t, in, args...)
	return ran{code: code, out: out, err: errs}.withoutProgress()
}

// withoutProgress drops the log lines that tell of long work.
func (r ran) withoutProgress() ran {
	var kept strings.Builder
	for line := range strings.Lines(r.err) {
		if !strings.Contains(line, `"message":"progress"`) {
			kept.WriteString(line)
		}
	}
	r.err = kept.String()
	return r
}

// lastLine is the last line of a text.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return lines[len(lines)-1]
}

// callingWriter is a writer that calls wrote after every write.
type callingWriter struct {
	writer
	wrote func()
}

func (a *callingWriter) Write(p []byte) (int, error) {
	defer a.wrote()
	return a.writer.Write(p)
}
