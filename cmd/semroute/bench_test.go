package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/bench/load"
)

func TestBenchRefusesWhatMakesNoSense(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"an unknown benchmark", []string{"--only", "speed"}, `unknown benchmark "speed"`},
		{"a benchmark of the repository", []string{"--only", "memory,qdrant"}, "go run ./bench --only memory,qdrant"},
		{"a flag of the repository's", []string{"--only", "qdrant", "--qdrant", "127.0.0.1:6334"}, "go run ./bench --only qdrant --qdrant"},
		{"a rate without a target", []string{"--rate", "5"}, "--target"},
		{"a target without prompts", []string{"--target", "127.0.0.1:1"}, "--prompts"},
		{"a file that is not there", []string{"--target", "127.0.0.1:1", "--prompts", "no/such/file"}, "no/such/file"},
		{"no connection", []string{"--connections", "0"}, "--connections"},
		{"a catalog that is not there", []string{"--catalog", "no/such/file"}, "no/such/file"},
		{"no callers", []string{"--target", "127.0.0.1:1", "--prompts", "PROMPTS", "--callers", "0"}, "unusable load"},
	}
	prompts := filepath.Join(t.TempDir(), "prompts.txt")
	if err := os.WriteFile(prompts, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"bench", "--out", ""}
			for _, a := range tt.args {
				args = append(args, strings.ReplaceAll(a, "PROMPTS", prompts))
			}
			code, _, errs := runCommand(t.Context(), t, "", args...)
			if code != exitWrongUse || !strings.Contains(errs, tt.want) {
				t.Errorf("exit %d, %q; want %d and %q", code, errs, exitWrongUse, tt.want)
			}
		})
	}
}

func TestBenchListsAndRuns(t *testing.T) {
	code, out, errs := runCommand(t.Context(), t, "", "bench", "--list")
	if code != exitDone || !strings.Contains(out, "memory ") || !strings.Contains(out, "sizing ") {
		t.Errorf("exit %d, %q, %q; want a line for each benchmark", code, out, errs)
	}
	path := filepath.Join(t.TempDir(), "results.json")
	code, out, errs = runCommand(t.Context(), t, "", "bench", "--quick", "--only", "sizing", "--json", "--out", path)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var printed, kept []map[string]any
	if err := json.Unmarshal([]byte(out), &printed); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(printed, kept); diff != "" || len(kept) == 0 {
		t.Errorf("%d rows; printed and kept differ (-printed +kept):\n%s", len(kept), diff)
	}
}

// What is set for other commands in the environment is not this one's to refuse.
func TestBenchIgnoresSettingsOfOthers(t *testing.T) {
	t.Setenv("SEMROUTE_QDRANT", "127.0.0.1:6334")
	t.Setenv("SEMROUTE_OLLAMA_MODEL", "all-minilm")
	if code, _, errs := runCommand(t.Context(), t, "", "bench", "--list"); code != exitDone {
		t.Errorf("exit %d, %q", code, errs)
	}
}

func TestBenchLoadsAServer(t *testing.T) {
	address := serveInProcess(t, "--catalog", "../../examples/support").address
	prompts := filepath.Join(t.TempDir(), "prompts.jsonl")
	if err := os.WriteFile(prompts, []byte(`{"text":"where is my parcel","route":"delivery"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := []string{"bench", "--target", address, "--prompts", prompts, "--rate", "100", "--duration", "100ms"}
	code, out, errs := runCommand(t.Context(), t, "", append(command, "--json")...)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var report load.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	if report.Calls != 10 || report.Errors != 0 || report.LatencyUS.P50 <= 0 || report.LatencyUS.P99 < report.LatencyUS.P50 {
		t.Errorf("got %+v; want 10 calls", report)
	}
	if code, out, _ = runCommand(t.Context(), t, "", command...); code != exitDone || !strings.Contains(out, "p99.9") {
		t.Errorf("exit %d: %q", code, out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, _, _ = runCommand(ctx, t, "", command...); code != exitFailed {
		t.Errorf("exit %d when cancelled, want %d", code, exitFailed)
	}
}
