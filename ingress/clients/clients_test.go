//go:build integration

package clients_test

import (
	"bufio"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

const catalog = `
models:
  - {name: gpt, provider: openai, model: m, base_url: "%[1]s", capabilities: [tools, vision, json], price: {input_per_mtok: 1, output_per_mtok: 2}}
  - {name: claude, provider: anthropic, model: m, base_url: "%[2]s", capabilities: [tools, vision, json]}
  - {name: dead, provider: openai, model: m, base_url: "http://127.0.0.1:1"}
routes:
  - {name: refunds, models: [gpt], utterances: [where is my refund, I want my money back, refund my order please, I was charged twice]}
  - {name: shipping, models: [claude], utterances: [where is my parcel, when does my package arrive, track my order, delivery is late]}
  - {name: broken, models: [dead], max_attempts: 1, utterances: [this is broken, it is broken, everything is broken]}
fallback: {models: [gpt]}
aliases: {gpt-5-router: auto, claude-sonnet-4-5: "model:claude"}
`

// TestOtherPeoplesClients asks a real server by clients and suites as they come.
func TestOtherPeoplesClients(t *testing.T) {
	python := environment(t)
	base, _ := serve(t)
	compliance := func(format, model string, more ...string) []string {
		return append([]string{"-m", "llm_comply.cli", "--format", format, "-u", base + "/v1", "-k", "none", "-m", model}, more...)
	}
	for name, c := range map[string]struct {
		arguments []string
		// passed is what the output must say.
		passed string
	}{
		"openai":           {[]string{"openai_client.py"}, "15/15 passed"},
		"anthropic":        {[]string{"anthropic_client.py"}, "7/7 passed"},
		"frameworks":       {[]string{"frameworks.py"}, "5/5 passed"},
		"agent frameworks": {[]string{"agent_frameworks.py"}, "8/8 passed"},
		"deciders":         {[]string{"deciders.py"}, "3/3 passed"},
		"comply chat":      {compliance("openai-chat", "gpt-5-router"), "9/9 passed"},
		"comply responses": {compliance("open-responses", "gpt-5-router"), "13/13 passed"},
		"comply anthropic": {compliance("anthropic", "claude-sonnet-4-5", "--auth-header", "x-api-key", "--no-bearer", "-H", "anthropic-version:2023-06-01"), "9/9 passed"},
		"coherence":        {[]string{"coherence.py"}, "4/4 passed"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), python, c.arguments...)
			cmd.Env = append(os.Environ(), "SEMROUTE_HTTP="+base, "PYTHONDONTWRITEBYTECODE=1")
			out, err := cmd.CombinedOutput()
			if err != nil || !saysPassed(string(out), c.passed) {
				t.Errorf("%v; want %q in:\n%s", err, c.passed, out)
			}
			t.Log(c.passed)
		})
	}
}

// TestOtherPeoplesClientsForNode asks it by clients of the other large ecosystem.
func TestOtherPeoplesClientsForNode(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed")
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--silent")
	install.Dir = "js"
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	base, _ := serve(t)
	for script, passed := range map[string]string{
		"openai.mjs":    "14/14 passed",
		"anthropic.mjs": "10/10 passed",
		"vercel.mjs":    "43/43 passed", // Vercel's AI SDK
	} {
		t.Run(script, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "node", script)
			cmd.Dir = "js"
			cmd.Env = append(os.Environ(), "SEMROUTE_HTTP="+base)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), passed) {
				t.Errorf("%v; want %q in:\n%s", err, passed, out)
			}
			t.Log(passed)
		})
	}
}

// TestOtherPeoplesClientsForGo asks it by the clients of this ecosystem, which are a
// module of their own, so that they are no part of this one.
func TestOtherPeoplesClientsForGo(t *testing.T) {
	const passed = "27/27 passed"
	base, _ := serve(t)
	cmd := exec.CommandContext(t.Context(), "go", "run", ".")
	cmd.Dir = "golang"
	cmd.Env = append(os.Environ(), "SEMROUTE_HTTP="+base, "GOFLAGS=-mod=readonly")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), passed) {
		t.Errorf("%v; want %q in:\n%s", err, passed, out)
	}
	t.Log(passed)
}

// saysPassed looks for N/N passed, which llm-comply says otherwise where rich is
// installed beside it: All N tests passed.
func saysPassed(out, passed string) bool {
	n, _, _ := strings.Cut(passed, "/")
	return strings.Contains(out, passed) || strings.Contains(out, "All "+n+" tests passed")
}

// environment is a virtual environment's Python with the pinned clients.
func environment(t *testing.T) string {
	t.Helper()
	wanted, err := os.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(filepath.Join("..", "..", ".build", "clients"))
	if err != nil {
		t.Fatal(err)
	}
	python, done := filepath.Join(root, "bin", "python"), filepath.Join(root, "installed.txt")
	if installed, err := os.ReadFile(done); err == nil && string(installed) == string(wanted) {
		return python
	}
	for _, command := range [][]string{
		{"python3", "-m", "venv", "--clear", root},
		{python, "-m", "pip", "install", "--quiet", "-r", "requirements.txt"},
	} {
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
		}
	}
	if err := os.WriteFile(done, wanted, 0o600); err != nil {
		t.Fatal(err)
	}
	return python
}

// serve runs the binary over doubles of model servers and gives its HTTP address and
// that of gRPC.
func serve(t *testing.T) (web, grpc string) {
	t.Helper()
	gpt := httptest.NewServer(forwardtest.Assistant(routes.OpenAI))
	claude := httptest.NewServer(forwardtest.Assistant(routes.Anthropic))
	t.Cleanup(gpt.Close)
	t.Cleanup(claude.Close)
	dir := t.TempDir()
	file, binary := filepath.Join(dir, "catalog.yaml"), filepath.Join(dir, "semroute")
	if err := os.WriteFile(file, fmt.Appendf(nil, catalog, gpt.URL, claude.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/semroute").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(binary, "serve", "--catalog", file, "--embedder", "static", "--cache-dir", dir,
		"--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--ledger", filepath.Join(dir, "calls.db"))
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	return addressIn(t, bufio.NewScanner(log))
}

// addressIn reads the log until the server serves, and goes on reading it.
func addressIn(t *testing.T, lines *bufio.Scanner) (web, grpc string) {
	t.Helper()
	type addresses struct{ web, grpc string }
	found := make(chan addresses, 1)
	go func() {
		var known addresses
		serving := false
		for lines.Scan() {
			line := gjson.Parse(lines.Text())
			switch line.Get("message").Str {
			case "listening for HTTP":
				known.web = line.Get("address").Str
			case "listening":
				known.grpc = line.Get("address").Str
			case "serving":
				serving = true
			}
			if known.web != "" && known.grpc != "" && serving {
				select {
				case found <- known:
				default:
				}
			}
		}
	}()
	select {
	case known := <-found:
		if !regexp.MustCompile(`^127\.0\.0\.1:\d+$`).MatchString(known.web) {
			t.Fatalf("the address is %q", known.web)
		}
		return "http://" + known.web, known.grpc
	case <-time.After(time.Minute):
		t.Fatal("the server does not serve")
	}
	return "", ""
}
