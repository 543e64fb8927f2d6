package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestANewcomerDecidesInThreeCommands runs the README's own commands for that, and
// from there an OpenAI client's request is routed in two more.
func TestANewcomerDecidesInThreeCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the binary")
	}
	_, rest, ok := strings.Cut(readPage(t, "../../README.md"), "## Your own in three commands")
	block := fence.FindStringSubmatch(rest)
	if !ok || block == nil {
		t.Fatal("the README shows nobody how to begin")
	}
	commands := strings.Split(strings.TrimSpace(block[2]), "\n")
	if len(commands) > 3 {
		t.Errorf("the README promises three commands and has %d", len(commands))
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "semroute")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	begun := time.Now()
	for i, command := range commands[1:] { // the first builds it
		shell := exec.CommandContext(t.Context(), "sh", "-ec", command)
		shell.Dir, shell.Env = dir, append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
		out, err := shell.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		if i == len(commands)-2 && !strings.HasPrefix(string(out), "coding\t") {
			t.Errorf("%s: %s", command, out)
		}
	}
	t.Logf("%d commands, %s after the build", len(commands), time.Since(begun).Round(time.Millisecond))

	web := freeAddress(t)
	// The fourth serves; who answers is a model's server, here a double.
	serve := exec.CommandContext(t.Context(), binary, "serve", "--catalog", filepath.Join(dir, "mine", "catalog"), "--listen", freeAddress(t), "--http-listen", web)
	serve.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	models := "models: [{name: small, provider: ollama, model: small, base_url: \"http://" + ollamaDouble(t) + "\"}]\nfallback: {models: [small]}\n"
	if err := os.WriteFile(filepath.Join(dir, "mine", "catalog", "models.yaml"), []byte(models), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Signal(os.Interrupt)
		_ = serve.Wait()
	})
	ready := func() (*http.Response, error) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+web+"/v1/chat/completions",
			strings.NewReader(`{"model":"auto","messages":[{"role":"user","content":"who won the football yesterday"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		return http.DefaultClient.Do(request)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		response, err := ready() // the fifth
		if err != nil || response.StatusCode == http.StatusServiceUnavailable {
			if time.Now().After(deadline) {
				t.Fatalf("it does not serve: %v", err)
			}
			continue
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK || response.Header.Get("X-Semroute-Model") != "small" {
			t.Errorf("%d %v %s", response.StatusCode, response.Header, body)
		}
		return
	}
}
