package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/semroute/semroute/forward/forwardtest"
)

// fence finds the blocks of a page: their language and what they hold.
var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// TestTheForwardingPageWorks writes the catalogs of docs/forwarding.md as it
// says, runs its commands in their order, and looks for the words that it
// promises in what they print. The addresses become those of a double.
func TestTheForwardingPageWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts the binary some twenty times")
	}
	page, err := os.ReadFile("../../docs/forwarding.md")
	if err != nil {
		t.Fatal(err)
	}
	dir, ollama := t.TempDir(), ollamaDouble(t)
	adapt := strings.NewReplacer("127.0.0.1:11434", ollama, "127.0.0.1:50051", freeAddress(t))
	var printed string
	for _, block := range fence.FindAllStringSubmatch(string(page), -1) {
		kind, text := block[1], adapt.Replace(block[2])
		switch kind {
		case "yaml":
			writeCatalog(t, dir, text)
		case "sh":
			printed = runShell(t, dir, ollama, text)
		case "text":
			for line := range strings.Lines(text) {
				if !strings.Contains(printed, strings.TrimSpace(line)) {
					t.Errorf("the page promises %q, printed was:\n%s", line, printed)
				}
			}
		default:
			t.Errorf("no rule for blocks of %s", kind)
		}
	}
}

// writeCatalog writes a catalog into the file that its first line names.
func writeCatalog(t *testing.T, dir, text string) {
	t.Helper()
	first, _, _ := strings.Cut(text, "\n")
	name, ok := strings.CutPrefix(first, "# ")
	if !ok || !strings.HasSuffix(name, ".yaml") {
		t.Fatalf("a catalog must begin with its name, not %q", first)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runShell runs commands as a reader would and gives all that they print.
func runShell(t *testing.T, dir, ollama, commands string) string {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-e", "-c", commands)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "OLLAMA_HOST="+ollama, "HOME="+dir, "XDG_CACHE_HOME="+dir)
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v from\n%s\n%s", err, commands, out)
	}
	return string(out)
}

// ollamaDouble speaks both of Ollama's protocols at one address. Its small
// model does not know when Rome fell, and its large one says nothing about
// black screens.
func ollamaDouble(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		wire := forwardtest.Wire{Protocol: forwardtest.Ollama(), Writer: w, Request: r}
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			wire.Protocol = forwardtest.OpenAI()
		}
		small := strings.Contains(string(body), `"llama3.2:1b"`)
		switch {
		case small && strings.Contains(string(body), "rome"):
			forwardtest.Answer(20, 4, "I don't", " know.")(wire)
		case !small && strings.Contains(string(body), "black"):
			wire.Hang()
		default:
			forwardtest.Answer(20, 3, "Here ", "you ", "are.")(wire)
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
