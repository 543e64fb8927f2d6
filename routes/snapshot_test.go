package routes

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// largeCatalog is a folder with the full catalog of testdata and enough
// utterances, in both kinds of places, for a snapshot.
func largeCatalog(t testing.TB, inline int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "catalog")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "full"))); err != nil {
		t.Fatal(err)
	}
	var yaml, text bytes.Buffer
	yaml.WriteString("routes:\n  - name: many\n    utterance_files: [many.txt]\n    utterances:\n")
	for i := range inline {
		_, _ = fmt.Fprintf(&yaml, "      - \"can you please help me with problem %d today\"\n", i)
	}
	for i := range 1000 {
		_, _ = fmt.Fprintf(&text, "this is line %d\n\n", i)
	}
	write(t, filepath.Join(dir, "many.yaml"), yaml.String())
	write(t, filepath.Join(dir, "many.txt"), text.String())
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// loadBoth loads with the cache and without, and holds that both say the same.
func loadBoth(t *testing.T, cache string, paths ...string) *Catalog {
	t.Helper()
	want, wantErr := Load(paths...)
	got, err := Loader{CacheDir: cache}.Load(paths...)
	if fmt.Sprint(wantErr) != fmt.Sprint(err) {
		t.Fatalf("with the cache the error is\n%v\nwithout\n%v", err, wantErr)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("catalog (-without +with the cache):\n%s", diff)
	}
	return got
}

// kept is the snapshot that counts for the paths, nil where there is none.
func kept(t *testing.T, cache string, paths ...string) *Catalog {
	t.Helper()
	file, err := snapshotPath(cache, paths)
	if err != nil {
		t.Fatal(err)
	}
	return fromSnapshot(file, thisBinary())
}

func TestASnapshotIsTheCatalog(t *testing.T) {
	dir, cache := largeCatalog(t, 5000), t.TempDir()
	t.Chdir(filepath.Dir(dir))
	for _, path := range []string{"catalog", dir, "catalog/../catalog"} {
		if kept(t, cache, path) != nil {
			t.Fatalf("%s has a snapshot before it was loaded", path)
		}
		first := loadBoth(t, cache, path)
		if diff := cmp.Diff(first, kept(t, cache, path)); diff != "" {
			t.Errorf("%s: catalog (-loaded +kept):\n%s", path, diff)
		}
		loadBoth(t, cache, path)
		if again := loadBoth(t, cache, path); again.Fingerprint() != first.Fingerprint() {
			t.Errorf("%s: the fingerprint changed", path)
		}
	}
}

func TestASnapshotCountsForWhatItWasMadeOfOnly(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, dir string){
		"a catalog file changes": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "many.yaml"), "routes: [{name: many, utterances: [other]}]")
		},
		"an utterance file changes": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "many.txt"), "other\n") },
		"a file is added": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "new.yaml"), "routes: [{name: new, utterances: [new]}]")
		},
		"a file is wrong": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "new.yaml"), "route: []") },
		"a file is gone": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "many.yaml")); err != nil {
				t.Fatal(err)
			}
		},
		"an utterance file is gone": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "many.txt")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, cache := largeCatalog(t, 5000), t.TempDir()
			loadBoth(t, cache, dir)
			change(t, dir)
			if kept(t, cache, dir) != nil {
				t.Error("the snapshot still counts")
			}
			loadBoth(t, cache, dir)
		})
	}
	t.Run("a fit is written beside", func(t *testing.T) {
		dir, cache := largeCatalog(t, 5000), t.TempDir()
		file := filepath.Join(dir, "many.yaml")
		loadBoth(t, cache, file)
		write(t, filepath.Join(dir, "many.fitted.yaml"), "fitted: {embedder: e, routes: {many: 0.5}}")
		if c := loadBoth(t, cache, file); c.Fitted == nil {
			t.Error("the fit is not read")
		}
	})
	t.Run("another binary", func(t *testing.T) {
		dir, cache := largeCatalog(t, 5000), t.TempDir()
		loadBoth(t, cache, dir)
		file, err := snapshotPath(cache, []string{dir})
		if err != nil {
			t.Fatal(err)
		}
		if fromSnapshot(file, "another") != nil || fromSnapshot(file, "") != nil {
			t.Error("the snapshot counts for another binary")
		}
	})
}

func TestADamagedSnapshotCostsOnlyTheParsing(t *testing.T) {
	dir, cache := largeCatalog(t, 5000), t.TempDir()
	loadBoth(t, cache, dir)
	file, err := snapshotPath(cache, []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 1 + len(whole)/20 {
		broken := bytes.Clone(whole)
		broken[at] ^= 1
		write(t, file, string(broken))
		if kept(t, cache, dir) != nil {
			t.Errorf("a snapshot with another byte at %d counts", at)
		}
		write(t, file, string(whole[:at]))
		if kept(t, cache, dir) != nil {
			t.Errorf("a snapshot of %d bytes counts", at)
		}
	}
	loadBoth(t, cache, dir)
	if kept(t, cache, dir) == nil {
		t.Error("it was not written anew")
	}
}

func TestSmallAndWrongCatalogsAreNotKept(t *testing.T) {
	cache := t.TempDir()
	loadBoth(t, cache, filepath.Join("testdata", "full"))
	wrong := largeCatalog(t, 5000)
	write(t, filepath.Join(wrong, "wrong.yaml"), "route: []")
	loadBoth(t, cache, wrong)
	loadBoth(t, cache, filepath.Join(wrong, "absent"))
	loadBoth(t, cache)
	loadBoth(t, filepath.Join(wrong, "many.txt"), filepath.Join(wrong, "many.yaml")) // no folder to keep it in
	if entries, err := os.ReadDir(cache); err != nil || len(entries) > 0 {
		t.Errorf("the cache holds %v, %v", entries, err)
	}
}

func TestSnapshotsAreChecked(t *testing.T) {
	dir, cache := largeCatalog(t, 5000), t.TempDir()
	loadBoth(t, cache, dir)
	check := func(c *Catalog) Problems { return Problems{{Position: c.Rules[0].At, Message: "wrong"}} }
	want, wantErr := Loader{Checks: []func(*Catalog) Problems{check}}.Load(dir)
	got, err := Loader{Checks: []func(*Catalog) Problems{check}, CacheDir: cache}.Load(dir)
	if want != nil || got != nil || err == nil || err.Error() != wantErr.Error() || !strings.Contains(err.Error(), "wrong") {
		t.Errorf("got %v, want %v", err, wantErr)
	}
}

func FuzzSnapshot(f *testing.F) {
	c, err := Load(filepath.Join("testdata", "full"))
	if err != nil {
		f.Fatal(err)
	}
	data, err := encodeSnapshot(snapshot{Binary: "b", Inputs: []input{{"stat", "a", "nothing"}}, Catalog: c})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[len(snapshotMagic)+32:])
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := decodeBody(body)
		if err != nil {
			return
		}
		again, err := encodeSnapshot(s)
		if err != nil {
			t.Fatal(err)
		}
		same, err := decodeSnapshot(again)
		if diff := cmp.Diff(s, same); err != nil || diff != "" {
			t.Errorf("%v (-once +twice):\n%s", err, diff)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{15_000, 100_000} {
		dir, cache := largeCatalog(b, n), b.TempDir()
		for name, loader := range map[string]Loader{"cold": {}, "warm": {CacheDir: cache}} {
			if _, err := loader.Load(dir); err != nil { // fills the cache
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					if _, err := loader.Load(dir); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
