//go:build integration

package console_test

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/examples"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

// hostile is a text that takes over a page that takes it for more than text.
const hostile = `<img src=x onerror="window.taken=1"><script>window.taken=1</script>{{7*7}}"'`

// safe fails the test where a hostile text has taken the page over.
func (b *tab) safe() {
	b.t.Helper()
	if value[bool](b, `"taken" in window || document.querySelector("main img, main script") !== null`) {
		b.t.Error("a text has become a part of the page")
	}
}

// served is a server of the real binary.
type served struct {
	// Web is the address of the HTTP listener, GRPC that of gRPC, Console that of the page.
	Web, GRPC, Console string
	// Dir is empty at the beginning but for catalog.yaml, Binary the server's.
	Dir, Binary string
	Process     *os.Process
}

// support is the catalog of the example, with models that a double answers and prices,
// and with more utterances of accounts.
func support(t *testing.T, more ...string) string {
	t.Helper()
	model := httptest.NewServer(forwardtest.Assistant(routes.OpenAI))
	t.Cleanup(model.Close)
	catalog, err := routes.LoadFS(examples.FS, "support")
	if err != nil {
		t.Fatal(err)
	}
	account := &catalog.Routes[slices.IndexFunc(catalog.Routes, func(r routes.Route) bool { return r.Name == "account" })]
	account.Utterances = append(account.Utterances, more...)
	var text strings.Builder
	if err := routes.WriteCatalog(&text, catalog); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(text.String(), "provider: ollama", fmt.Sprintf("provider: openai\n    base_url: %s\n    price: {input_per_mtok: 1, output_per_mtok: 4}", model.URL))
}

// binaries are built once a run; go build keeps what it has.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "semroute-console")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "semroute")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/semroute").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if binary, err := binaries(); err == nil {
		_ = os.RemoveAll(filepath.Dir(binary))
	}
	os.Exit(code)
}

// serve runs the binary on a catalog with a ledger, static vectors unless the flags say
// otherwise, and waits until it decides. {dir} in flags is the folder of the test.
func serve(t *testing.T, catalog string, flags ...string) *served {
	t.Helper()
	binary, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	s := &served{Dir: t.TempDir(), Binary: binary}
	file := filepath.Join(s.Dir, "catalog.yaml")
	if err := os.WriteFile(file, []byte(catalog), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"serve", "--catalog", file, "--cache-dir", s.Dir, "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
		"--ledger", filepath.Join(s.Dir, "calls.db"), "--store-prompts", "full"}
	if !strings.Contains(strings.Join(flags, " "), "--embedder") {
		arguments = append(arguments, "--embedder", "static")
	}
	for _, flag := range flags {
		arguments = append(arguments, strings.ReplaceAll(flag, "{dir}", s.Dir))
	}
	cmd := exec.Command(binary, arguments...)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.Process = cmd.Process
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	s.await(t, bufio.NewScanner(log))
	return s
}

// await reads the log until the server serves, and goes on reading it.
func (s *served) await(t *testing.T, lines *bufio.Scanner) {
	t.Helper()
	serving := make(chan struct{})
	var log strings.Builder
	go func() {
		defer close(serving)
		open := false
		for lines.Scan() {
			line := gjson.Parse(lines.Text())
			fmt.Fprintln(&log, lines.Text())
			switch line.Get("message").Str {
			case "listening for HTTP":
				s.Web, s.Console = "http://"+line.Get("address").Str, line.Get("console").Str
			case "listening":
				s.GRPC = line.Get("address").Str
			case "serving":
				open = true
			}
			if open && s.Web != "" && s.GRPC != "" {
				go func() {
					for lines.Scan() { // so that the server's writing does not stop
						_ = lines.Text()
					}
				}()
				return
			}
		}
	}()
	select {
	case <-serving:
		if s.Console == "" {
			t.Fatalf("the server ended before it served:\n%s", log.String())
		}
	case <-time.After(time.Minute):
		t.Fatal("the server does not serve")
	}
}
