package architecture

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/semroute/semroute/"

// root is the room of the files at the top: the package for Go programs.
const root = "(root)"

// rooms lists, for each top-level folder, the others that its code may import.
// Everyone may import their own folder and internal/, which imports nobody.
// Tests may import everything.
var rooms = map[string][]string{
	"cmd":       {"console", "auth", "telemetry", "proto", "server", "ingress", "engine", "learn", "forward", "router", "chat", "classify", "routes", "embed", "index", "store", "eval", "examples", "bench"},
	"bench":     {"auth", "telemetry", "proto", "server", "ingress", "engine", "learn", "forward", "router", "chat", "classify", "routes", "embed", "index", "store", "eval", "examples"},
	"console":   {"auth", "ingress"},
	"server":    {"auth", "telemetry", "proto", "ingress", "engine", "learn", "router", "forward", "chat", "routes", "store", "eval"},
	"ingress":   {"auth", "router", "forward", "chat", "routes"},
	root:        {"engine", "router", "chat", "routes", "embed"},
	"engine":    {"forward", "router", "chat", "classify", "routes", "embed", "index", "store"},
	"learn":     {"forward", "router", "chat", "classify", "routes", "embed", "index", "store"},
	"forward":   {"chat", "routes"},
	"router":    {"classify", "index", "embed", "chat", "routes"},
	"auth":      {},
	"telemetry": {},
	"chat":      {},
	"classify":  {},
	"routes":    {},
	"store":     {},
	"embed":     {},
	"index":     {},
	"eval":      {"router", "routes"},
	"proto":     {},
	"internal":  {},
	"examples":  {"proto"}, // its programs are clients
	"clients":   {},
}

// adapters are implementations that only engine, cmd, bench and tests may choose; the
// rest of their own room may build on them.
var adapters = []string{
	"embed/ollama", "embed/static", "embed/transformer", "index/memory", "index/qdrant",
	"forward/ollama", "forward/openai", "forward/anthropic", "store/sqlite", "store/postgres",
}

// testDoubles are for tests only, and may import everything as they may.
const testDoubles = "ingress/ingresstest/"

func TestNothingBuildsOnTestDoubles(t *testing.T) {
	for file, imports := range goFiles(t) {
		for _, path := range imports {
			if strings.HasPrefix(strings.TrimPrefix(path, module)+"/", testDoubles) {
				t.Errorf("%s imports %s, which is for tests only", file, path)
			}
		}
	}
}

func TestImportsPointDown(t *testing.T) {
	for file, imports := range goFiles(t) {
		if strings.HasPrefix(file, testDoubles) {
			continue
		}
		room := roomOf(file)
		allowed, known := rooms[room]
		if !known {
			t.Errorf("%s: folder %q has no rule here; say what it may import", file, room)
			continue
		}
		for _, path := range imports {
			target, ok := strings.CutPrefix(path, module)
			if !ok {
				continue
			}
			if to, _, _ := strings.Cut(target, "/"); to != room && to != "internal" && !has(allowed, to) {
				t.Errorf("%s imports %s, but %s may import only %v and internal", file, target, room, allowed)
			}
			if room != "cmd" && room != "bench" && room != "engine" && !strings.HasPrefix(target, room+"/") && isAdapter(target) {
				t.Errorf("%s imports the adapter %s; only engine, cmd and tests choose adapters", file, target)
			}
		}
	}
}

// benchOfBinary are the parts of bench that users have in the binary.
var benchOfBinary = []string{"bench/load", "bench/capacity"}

func TestBinaryHoldsLittleOfBench(t *testing.T) {
	for file, imports := range goFiles(t) {
		for _, path := range imports {
			target := strings.TrimPrefix(path, module)
			if roomOf(file) == "cmd" && strings.HasPrefix(target, "bench/") && !has(benchOfBinary, target) {
				t.Errorf("%s imports %s; of bench the binary holds only %v and what they need", file, target, benchOfBinary)
			}
		}
	}
}

func TestRouterKnowsNoTransport(t *testing.T) {
	for file, imports := range goFiles(t) {
		for _, path := range imports {
			grpc := strings.HasPrefix(path, "google.golang.org/grpc") || strings.HasPrefix(path, module+"proto/")
			if grpc && has([]string{root, "engine", "chat", "router", "routes", "classify", "embed", "eval", "forward", "store", "auth"}, roomOf(file)) {
				t.Errorf("%s imports %s; only server, cmd, index/qdrant and clients see gRPC", file, path)
			}
		}
	}
}

func TestNoJunkDrawer(t *testing.T) {
	for file := range goFiles(t) {
		for _, part := range strings.Split(filepath.ToSlash(filepath.Dir(file)), "/") {
			if has([]string{"util", "utils", "common", "helpers", "shared", "misc"}, part) {
				t.Errorf("%s: a package is named for what it promises, not %q", file, part)
			}
		}
	}
}

// roomOf is the top-level folder that a file lies in.
func roomOf(file string) string {
	room, _, found := strings.Cut(file, "/")
	if !found {
		return root
	}
	return room
}

func isAdapter(target string) bool {
	for _, a := range adapters {
		if target == a || strings.HasPrefix(target, a+"/") {
			return true
		}
	}
	return false
}

// opensItself are the files that open others without plainfile: it itself, what
// opens a folder to sync it, a database for writing, golden files of tests, and the benchmarks.
var opensItself = []string{"internal/plainfile/", "index/memory/snapshot_store.go", "store/sqlite/file.go", "bench/", "eval/evaltest/"}

func TestFilesAreOpenedInOnePlace(t *testing.T) {
	for file := range goFiles(t) {
		if slices.ContainsFunc(opensItself, func(p string) bool { return strings.HasPrefix(file, p) }) {
			continue
		}
		content, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{"os.Open(", "os.OpenFile(", "os.ReadFile("} {
			if strings.Contains(string(content), call) {
				t.Errorf("%s calls %s…): open files with internal/plainfile, which refuses pipes and what is too large", file, call)
			}
		}
	}
}

// goFiles maps every hand-written and generated Go file, tests left out, to
// its imports.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	root := filepath.Join("..", "..")
	files := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "tools") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != root {
				return filepath.SkipDir // a module of its own is nobody's room
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		var imports []string
		for _, spec := range parsed.Imports {
			imports = append(imports, strings.Trim(spec.Path.Value, `"`))
		}
		files[filepath.ToSlash(rel)] = imports
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files were found; the walk is broken", len(files))
	}
	return files
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
