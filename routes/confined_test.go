package routes_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semroute/semroute/routes"
)

// TestACatalogStaysInItsFolder, unless somebody allows it to leave: by "..", by
// absolute paths and by links.
func TestACatalogStaysInItsFolder(t *testing.T) {
	catalog := func(file string) string {
		return "routes:\n  - name: a\n    utterances: [hello there]\n    utterance_files: [" + file + "]\n  - {name: b, utterances: [good bye]}\nfallback: {route: a}\n"
	}
	for name, test := range map[string]struct {
		file   string
		inside bool
	}{
		"beside":              {"mine.txt", true},
		"in a folder below":   {"below/mine.txt", true},
		"by dots that return": {"below/../mine.txt", true},
		"by a link inside":    {"inner.txt", true},
		"by dots":             {"../secret.txt", false},
		"by an absolute path": {"ABSOLUTE", false},
		"by a link":           {"link.txt", false},
		"by a linked folder":  {"linked/secret.txt", false},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "catalog")
			if err := os.MkdirAll(filepath.Join(dir, "below"), 0o700); err != nil {
				t.Fatal(err)
			}
			secret := filepath.Join(parent, "secret.txt")
			content := strings.ReplaceAll(catalog(test.file), "ABSOLUTE", secret)
			for path, text := range map[string]string{
				secret: "my secret", filepath.Join(dir, "mine.txt"): "my own", filepath.Join(dir, "below", "mine.txt"): "below", filepath.Join(dir, "a.yaml"): content,
			} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for link, to := range map[string]string{"link.txt": secret, "linked": parent, "inner.txt": "mine.txt"} {
				if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			for _, path := range []string{dir, filepath.Join(dir, "a.yaml")} {
				_, err := routes.Loader{Confined: true}.Load(path)
				if (err == nil) != test.inside || err != nil && !strings.Contains(err.Error(), "outside of the catalog's folder") {
					t.Errorf("%s: %v", path, err)
				}
				if err != nil && strings.Contains(err.Error(), "my secret") {
					t.Errorf("the error shows the file: %v", err)
				}
				if _, err := routes.Load(path); err != nil {
					t.Errorf("where it is allowed: %v", err)
				}
			}
		})
	}
}

// TestAFileOfTheFolderThatIsALinkOut is not read either.
func TestAFileOfTheFolderThatIsALinkOut(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "catalog")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(parent, "out.yaml")
	if err := os.WriteFile(out, []byte("password: secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(out, filepath.Join(dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err := routes.Loader{Confined: true}.Load(dir)
	if err == nil || !strings.Contains(err.Error(), "outside of the catalog's folder") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}
