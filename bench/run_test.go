package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/bench/measure"
)

// testEnv is an env whose folder goes with the test.
func testEnv(t testing.TB) *env {
	t.Helper()
	e, err := newEnv(options{quick: true, connections: 1, progress: t.Output()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range testEnv(t).benchmarks() {
		if seen[b.Name] || b.Name == "" || b.About == "" {
			t.Errorf("benchmark %q is named twice or says nothing", b.Name)
		}
		seen[b.Name] = true
	}
}

func TestWrongUse(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--only", "ledger,speed"}, `unknown benchmark "speed"`},
		{[]string{"--connections", "0"}, "--connections"},
		{[]string{"--catalog", "no/such/file"}, "no/such/file"},
		{[]string{"--data", "no/such/file"}, "no/such/file"},
		{[]string{"--ollama-host", "ftp://host"}, "--ollama-host"},
		{[]string{"--speed"}, "unknown flag"},
	} {
		var out, progress bytes.Buffer
		code := run(t.Context(), append(tt.args, "--out", ""), &out, &progress)
		if code != exitWrongUse || !strings.Contains(progress.String(), tt.want) {
			t.Errorf("%v: exit %d, %q; want %d and %q", tt.args, code, progress.String(), exitWrongUse, tt.want)
		}
	}
}

func TestList(t *testing.T) {
	var out, progress bytes.Buffer
	code := run(t.Context(), []string{"--list"}, &out, &progress)
	if code != exitDone || len(strings.Split(strings.TrimSpace(out.String()), "\n")) != len(testEnv(t).benchmarks()) {
		t.Errorf("exit %d, %q, %q; want a line for each benchmark", code, out.String(), progress.String())
	}
}

// TestRunPrintsAndKeeps runs one that needs nothing and one that has no peer.
func TestRunPrintsAndKeeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out", "results.json")
	var out, progress bytes.Buffer
	if code := run(t.Context(), []string{"--quick", "--only", "ledger,aurelio", "--json", "--out", path}, &out, &progress); code != exitDone {
		t.Fatalf("exit %d: %s", code, progress.String())
	}
	var printed, kept measure.Rows
	if err := json.Unmarshal(out.Bytes(), &printed); err != nil {
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
		t.Fatalf("%d rows; printed and kept differ (-printed +kept):\n%s", len(kept), diff)
	}
	if kept[0].Value == nil || *kept[0].Value <= 0 || kept[0].Target == nil || kept[1].Met == nil || !*kept[1].Met {
		t.Errorf("got %+v; want a rate that was asked for, and no record lost", kept[:2])
	}
	if kept[2].Value != nil || !strings.Contains(kept[2].Note, "skipped") {
		t.Errorf("got %+v; want a row without a value that says why", kept[2])
	}
}
