//go:build unix

package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// screen is what a terminal shows.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) find(pattern *regexp.Regexp) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return pattern.FindString(s.text.String())
}

// TestTheDemoServesTheConsoleOnATerminal: it prints the address, answers there, and ends
// when it is interrupted, with nothing left behind. Elsewhere it ends by itself, which
// the script demo.txtar holds.
func TestTheDemoServesTheConsoleOnATerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the binary")
	}
	binary := filepath.Join(t.TempDir(), "semroute")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	temp := t.TempDir()
	cmd := exec.CommandContext(t.Context(), binary, "demo", "--embedder", "static")
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	var shown screen
	go func() { _, _ = io.Copy(&shown, terminal) }()
	address := ""
	for end := time.Now().Add(time.Minute); address == "" && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		address = shown.find(regexp.MustCompile(`http://127\.0\.0\.1:\d+/console/`))
	}
	if address == "" {
		t.Fatalf("no address is printed:\n%s", shown.find(regexp.MustCompile(`(?s).*`)))
	}
	response, err := http.Get(address)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%v, %+v", err, response)
	}
	if err == nil {
		_ = response.Body.Close()
	}
	if _, err := terminal.Write([]byte{3}); err != nil { // Ctrl-C
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, shown.find(regexp.MustCompile(`(?s).*`)))
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v behind, %v", left, err)
	}
}
