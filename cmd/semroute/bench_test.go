package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/bench"
)

func TestBenchRefusesWhatMakesNoSense(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"an unknown benchmark", []string{"--only", "speed"}, `unknown benchmark "speed"`},
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
	if code != exitDone || len(strings.Split(strings.TrimSpace(out), "\n")) != len(bench.List()) {
		t.Errorf("exit %d, %q, %q; want a line for each benchmark", code, out, errs)
	}
	path := filepath.Join(t.TempDir(), "results.json")
	code, out, errs = runCommand(t.Context(), t, "", "bench", "--quick", "--only", "ledger,aurelio", "--json", "--out", path)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var printed, kept []bench.Row
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
	if diff := cmp.Diff(printed, kept); diff != "" || len(kept) != 3 {
		t.Errorf("%d rows; printed and kept differ (-printed +kept):\n%s", len(kept), diff)
	}
}

func TestBenchLoadsAServer(t *testing.T) {
	address := serveInProcess(t, "--catalog", "../../examples/support").address
	prompts := filepath.Join(t.TempDir(), "prompts.jsonl")
	if err := os.WriteFile(prompts, []byte(`{"text":"where is my parcel","route":"delivery"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	load := []string{"bench", "--target", address, "--prompts", prompts, "--rate", "100", "--duration", "100ms"}
	code, out, errs := runCommand(t.Context(), t, "", append(load, "--json")...)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var report bench.LoadReport
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	if report.Calls != 10 || report.Errors != 0 || report.LatencyUS.P50 <= 0 || report.LatencyUS.P99 < report.LatencyUS.P50 {
		t.Errorf("got %+v; want 10 calls", report)
	}
	if code, out, _ = runCommand(t.Context(), t, "", load...); code != exitDone || !strings.Contains(out, "p99.9") {
		t.Errorf("exit %d: %q", code, out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, _, _ = runCommand(ctx, t, "", load...); code != exitFailed {
		t.Errorf("exit %d when cancelled, want %d", code, exitFailed)
	}
}
