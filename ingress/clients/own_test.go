//go:build integration

package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is what both examples print, each in its own words for what is no answer.
const (
	saidByPython = `refunds 1.00 gpt
none FAR_FROM_EVERY_UTTERANCE
claude You said: where is my parcel
You said: where is my refund
shipping
INVALID_ARGUMENT
['refunds', 'shipping']
You said: where is my parcel
`
	saidByTypeScript = `refunds 1.00 gpt
claude You said: where is my parcel
You said: where is my refund
shipping
InvalidArgument
`
)

// TestOurOwnClients installs the packages as users do, checks their types, runs their
// examples against a real server, and holds what is generated to the schema.
func TestOurOwnClients(t *testing.T) {
	web, grpc := serve(t)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	command := func(t *testing.T, dir, name string, arguments ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, arguments...)
		cmd.Dir = filepath.Join(root, dir)
		cmd.Env = append(os.Environ(), "SEMROUTE="+grpc, "SEMROUTE_HTTP="+web, "PYTHONDONTWRITEBYTECODE=1")
		var problems strings.Builder
		cmd.Stderr = &problems
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(arguments, " "), err, out, problems.String())
		}
		return string(out)
	}
	t.Run("Python", func(t *testing.T) {
		env := t.TempDir()
		python := filepath.Join(env, "bin", "python")
		copied := filepath.Join(t.TempDir(), "python") // setuptools writes beside what it installs
		if err := os.CopyFS(copied, os.DirFS(filepath.Join(root, "clients", "python"))); err != nil {
			t.Fatal(err)
		}
		command(t, ".", "python3", "-m", "venv", env)
		command(t, ".", python, "-m", "pip", "install", "--quiet", copied, "mypy==2.4.1", "types-grpcio", "types-protobuf")
		command(t, "clients/python", python, "-m", "mypy", "--strict", "--cache-dir", filepath.Join(env, "mypy"), "-p", "semroute")
		command(t, "clients/python", python, "-m", "mypy", "--strict", "--cache-dir", filepath.Join(env, "mypy"), "example.py")
		if diff := cmp.Diff(saidByPython, command(t, "clients/python", python, "example.py")); diff != "" {
			t.Errorf("(-want +printed):\n%s", diff)
		}
		fresh := t.TempDir()
		command(t, ".", "bash", "clients/python/generate.sh", fresh)
		if diff := cmp.Diff(contents(t, filepath.Join(root, "clients/python/src/semroute/v1")), contents(t, filepath.Join(fresh, "semroute/v1"))); diff != "" {
			t.Errorf("run clients/python/generate.sh (-committed +generated):\n%s", diff)
		}
	})
	t.Run("TypeScript", func(t *testing.T) {
		if _, err := exec.LookPath("npm"); err != nil {
			t.Skip("npm is not installed")
		}
		command(t, "clients/typescript", "npm", "ci", "--no-audit", "--no-fund", "--silent")
		command(t, "clients/typescript", "npm", "run", "build", "--silent")
		if diff := cmp.Diff(saidByTypeScript, command(t, "clients/typescript", "npm", "run", "example", "--silent")); diff != "" {
			t.Errorf("(-want +printed):\n%s", diff)
		}
		command(t, ".", "bash", "clients/typescript/generate.sh")
		if changed := command(t, ".", "git", "status", "--porcelain", "--", "clients/typescript/src/gen"); changed != "" {
			t.Errorf("run clients/typescript/generate.sh and commit:\n%s", changed)
		}
	})
}

// contents are the files of a folder by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}
