package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheReferencePagesAreOfTheCode holds the pages of docs/reference to what the code
// says; -update writes them. That of the schema is made by `make generate`, that of
// metrics stands in docs/metrics.md.
func TestTheReferencePagesAreOfTheCode(t *testing.T) {
	t.Setenv("OLLAMA_HOST", "") // it would be a default
	for name, write := range map[string]func(*testing.T) string{
		"cli.md": referenceOfCommands, "settings.md": referenceOfSettings, "catalog.md": referenceOfCatalog,
		"errors.md": referenceOfErrors, "http.md": referenceOfHTTP,
	} {
		t.Run(name, func(t *testing.T) {
			page := filepath.Join("../../docs/reference", name)
			text := write(t)
			if *update {
				if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(readPage(t, page), text); diff != "" {
				t.Errorf("%s is not of the code: go test ./cmd/semroute -run ReferencePages -update (-page +code):\n%s", page, diff)
			}
		})
	}
}

// generatedPage is the beginning of a page that nobody writes.
func generatedPage(title, about string) *strings.Builder {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n<!-- Written by go test ./cmd/semroute -run ReferencePages -update; do not edit. -->\n\n%s\n", title, about)
	return &b
}

// table begins a table of the page.
func table(b *strings.Builder, heads ...string) {
	b.WriteString("\n| " + strings.Join(heads, " | ") + " |\n|" + strings.Repeat("---|", len(heads)) + "\n")
}

// row writes a row; a bar in a cell would end it.
func row(b *strings.Builder, cells ...string) {
	for _, cell := range cells {
		b.WriteString("| " + strings.NewReplacer("|", "\\|", "\n", " ").Replace(cell) + " ")
	}
	b.WriteString("|\n")
}

// code is text as code, nothing for nothing.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
