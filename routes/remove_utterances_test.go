package routes_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/routes"
)

func TestRemove(t *testing.T) {
	tests := []struct {
		name, file, content string
		line                int
		utterance           string
		want                string
		alone               bool
	}{
		{"a line of a text file", "a.txt", "one\ntwo\nthree\n", 2, "two", "one\nthree\n", true},
		{"a line of a JSON lines file", "a.jsonl", "{\"text\": \"one\"}\n{\"text\": \"two\"}\n", 1, "one", "{\"text\": \"two\"}\n", true},
		{"an item of a YAML list", "a.yaml", "u:\n  - one\n  - \"two, \\\"2\\\"\"\n", 3, `two, "2"`, "u:\n  - one\n", true},
		{"an item that shares its line", "a.yaml", "u: [one, two]\n", 1, "two", "u: [one, two]\n", false},
		{"an item that spans lines", "a.yaml", "u:\n  - one\n    more\n", 2, "one more", "u:\n  - one\n    more\n", false},
		{"a line that has changed since", "a.txt", "one\nTWO\n", 2, "two", "one\nTWO\n", false},
		{"a line that is not there", "a.txt", "one\n", 9, "two", "one\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), tt.file)
			if err := os.WriteFile(path, []byte(tt.content), 0o640); err != nil {
				t.Fatal(err)
			}
			n, err := routes.Remove([]routes.Removal{{At: routes.Position{File: path, Line: tt.line, Column: 1}, Utterance: tt.utterance}})
			if tt.alone && (n != 1 || err != nil) || !tt.alone && (n != 0 || !errors.Is(err, routes.ErrNotAlone)) {
				t.Errorf("removed %d, error %v", n, err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("file (-want +got):\n%s", diff)
			}
		})
	}
}
