package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// pages are what people read, from the repository's root.
func pages(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(docs) < 3 {
		t.Fatalf("%d pages in docs, %v", len(docs), err)
	}
	deeper, err := filepath.Glob("../../docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(append(docs, deeper...), "../../README.md")
}

// TestThePagesWork runs each page's blocks of `sh` in their order, in a folder
// that looks like the repository. Blocks of `shell` need a service or too long,
// and only what they name is looked at; docs/forwarding.md and docs/tutorial.md have
// tests of their own.
func TestThePagesWork(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts the binary some twenty times")
	}
	ran := 0
	for _, page := range pages(t) {
		if name := filepath.Base(page); name == "forwarding.md" || name == "tutorial.md" {
			continue
		}
		t.Run(filepath.Base(page), func(t *testing.T) {
			dir := repositoryCopy(t)
			adapt := strings.NewReplacer("go build ./cmd/semroute", ":", "go run ./cmd/semroute", "semroute", "./semroute ", "semroute ", "127.0.0.1:50051", freeAddress(t))
			t.Setenv("SEMROUTE_WAIT", "1m")
			for _, block := range fence.FindAllStringSubmatch(readPage(t, page), -1) {
				switch {
				case block[1] == "yaml" && strings.HasPrefix(block[2], "# my.yaml"):
					writeCatalog(t, dir, block[2])
				case block[1] == "sh":
					ran++
					commands := adapt.Replace(block[2])
					if strings.Contains(commands, " &\n") {
						t.Setenv("SEMROUTE_LISTEN", adapt.Replace("127.0.0.1:50051"))
						commands = "trap 'kill $!' EXIT\n" + commands
					}
					runShell(t, dir, "127.0.0.1:1", commands)
				}
			}
		})
	}
	if ran < 3 {
		t.Errorf("only %d blocks were run", ran)
	}
}

// repositoryCopy is a folder with what the pages' commands read.
func repositoryCopy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"examples", "testdata"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var (
	anyFence     = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	inline       = regexp.MustCompile("`([^`\n]+)`")
	continued    = regexp.MustCompile(`\\\n\s*`)
	oneCommand   = regexp.MustCompile(`^(?:\./|go run \./cmd/|until |/)?semroute\s+(.+)$`)
	benchCommand = regexp.MustCompile(`^go run \./bench\s+(.+)$`)
	makeCommand  = regexp.MustCompile(`^make ([a-z][a-z0-9 -]*)`)
	benchFlag    = regexp.MustCompile(`Var(?:P)?\(&[^,]+, "([a-z-]+)"`)
	endOfCommand = regexp.MustCompile(`\s+(#|&&|\|\|?|>|<|;|&)(\s.*)?$|;.*$`)
)

// commandsOf are the commands that a page names, in blocks and in its text.
func commandsOf(page string) []string {
	var found []string
	for _, block := range anyFence.FindAllStringSubmatch(page, -1) {
		if block[1] == "sh" || block[1] == "shell" {
			found = append(found, strings.Split(continued.ReplaceAllString(block[2], " "), "\n")...)
		}
	}
	for _, code := range inline.FindAllStringSubmatch(anyFence.ReplaceAllString(page, ""), -1) {
		found = append(found, code[1])
	}
	for i := range found {
		found[i] = strings.TrimSpace(endOfCommand.ReplaceAllString(strings.TrimSpace(found[i]), ""))
	}
	return found
}

// TestThePagesNameWhatExists holds every command of the pages, run or not, to the
// commands and flags of the binary, the benchmarks and the Makefile.
func TestThePagesNameWhatExists(t *testing.T) {
	root := newRoot(stdio{in: strings.NewReader(""), out: &writer{}, err: &writer{}})
	root.InitDefaultCompletionCmd() // as when it runs
	bench := flagsOfBench(t)
	makefile := readPage(t, "../../Makefile")
	looked := 0
	for _, page := range pages(t) {
		for _, command := range commandsOf(readPage(t, page)) {
			var err string
			if m := oneCommand.FindStringSubmatch(command); m != nil {
				looked++
				err = unknownInCommand(root, strings.Fields(m[1]))
			} else if m := benchCommand.FindStringSubmatch(command); m != nil {
				looked++
				err = unknownFlag(strings.Fields(m[1]), func(name string) bool { return slices.Contains(bench, name) })
			} else if m := makeCommand.FindStringSubmatch(command); m != nil {
				looked++
				for _, target := range strings.Fields(m[1]) {
					if !strings.Contains(makefile, "\n"+target+":") {
						err = "no target " + target
					}
				}
			}
			if err != "" {
				t.Errorf("%s: `%s`: %s", filepath.Base(page), command, err)
			}
		}
	}
	if looked < 60 {
		t.Errorf("only %d commands were found", looked)
	}
}

// flagsOfBench are the flags of `go run ./bench`.
func flagsOfBench(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, m := range benchFlag.FindAllStringSubmatch(readPage(t, "../../bench/main.go"), -1) {
		names = append(names, m[1])
	}
	if len(names) < 5 {
		t.Fatalf("only %q were found as flags of bench", names)
	}
	return names
}

// unknownInCommand says which command or flag does not exist.
func unknownInCommand(root *cobra.Command, args []string) string {
	if args[0] == "COMMAND" || args[0] == "…" {
		return ""
	}
	if strings.HasPrefix(args[0], "--") {
		return ""
	}
	cmd, _, err := root.Find(args)
	if err != nil || cmd == root {
		return "no such command"
	}
	return unknownFlag(args, func(name string) bool {
		return name == "help" || cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil
	})
}

func unknownFlag(args []string, known func(string) bool) string {
	for _, arg := range args {
		if name, ok := strings.CutPrefix(arg, "--"); ok {
			if name, _, _ = strings.Cut(name, "="); !known(name) {
				return "no flag --" + name
			}
		}
	}
	return ""
}

var (
	link      = regexp.MustCompile(`\]\(([^)#\s]*)(#[^)]*)?\)`)
	heading   = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noAnchor  = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
	namedFile = regexp.MustCompile("`((?:[a-z0-9_]+/)+[a-z0-9_.]+\\.(?:go|md|yaml|sh|py|jsonl|proto|binpb))`")
)

// anchors are what a link may have behind a page's name: its headings, as GitHub writes them.
func anchors(page string) []string {
	var found []string
	for _, m := range heading.FindAllStringSubmatch(anyFence.ReplaceAllString(page, ""), -1) {
		plain := noAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(m[1])), "")
		found = append(found, "#"+strings.Join(strings.Split(plain, " "), "-"))
	}
	return found
}

// TestThePagesLeadSomewhere holds links and the paths of files to what exists.
func TestThePagesLeadSomewhere(t *testing.T) {
	for _, page := range pages(t) {
		text := readPage(t, page)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := filepath.Join(filepath.Dir(page), m[1])
			if m[1] == "" {
				target = page
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", filepath.Base(page), m[1], err)
			} else if m[2] != "" && strings.HasSuffix(target, ".md") && !slices.Contains(anchors(readPage(t, target)), m[2]) {
				t.Errorf("%s links to %s%s: no such heading", filepath.Base(page), m[1], m[2])
			}
		}
		for _, m := range namedFile.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil && !strings.HasPrefix(m[1], "bench/out/") {
				t.Errorf("%s names %s: %v", filepath.Base(page), m[1], err)
			}
		}
	}
}

// TestSnippetsAreCode holds the README's Go to programs that are built and run.
func TestSnippetsAreCode(t *testing.T) {
	programs := plainCode(readPage(t, "../../example_test.go") + readPage(t, "../../examples/client/main.go"))
	snippets := 0
	for _, block := range fence.FindAllStringSubmatch(readPage(t, "../../README.md"), -1) {
		if block[1] != "go" {
			continue
		}
		snippets++
		if !strings.Contains(programs, plainCode(block[2])) {
			t.Errorf("no program holds this snippet:\n%s", block[2])
		}
	}
	if snippets < 2 {
		t.Errorf("only %d snippets were found", snippets)
	}
}

// plainCode is code without its indentation.
func plainCode(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// TestClientExample runs the program that the README shows: an abstention is an
// answer there too.
func TestClientExample(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program")
	}
	client := filepath.Join(t.TempDir(), "client")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", client, "../../examples/client").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := serveInProcess(t, "--catalog", "../../examples/support")
	for prompt, want := range map[string]string{
		"i was billed twice this month": "billing, confidence ",
		"what is the capital of Peru":   "none: ",
		"":                              "none: ",
	} {
		out, err := exec.CommandContext(t.Context(), client, prompt, s.address).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%q: %v, %s", prompt, err, out)
		}
	}
}

// TestTheMapIsWhole holds the README's table of folders to the folders.
func TestTheMapIsWhole(t *testing.T) {
	readme := readPage(t, "../../README.md")
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !entry.IsDir() || strings.HasPrefix(name, ".") || name == "bin" {
			continue
		}
		if !strings.Contains(readme, "`"+name+"`") && !strings.Contains(readme, "| `"+name+"/") {
			t.Errorf("the README's map leaves out %s", name)
		}
	}
}
