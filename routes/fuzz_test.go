package routes_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/routes"
)

// seeds adds the files that a pattern below testdata matches.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds match %s: %v", pattern, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// checkWritable holds that a catalog which loaded can be written and read back
// unchanged.
func checkWritable(t *testing.T, c *routes.Catalog) {
	t.Helper()
	var out bytes.Buffer
	if err := routes.WriteCatalog(&out, c); err != nil {
		t.Fatal(err)
	}
	again, err := routes.Parse("again.yaml", out.Bytes())
	if err != nil {
		t.Fatalf("%v in:\n%s", err, out.String())
	}
	if c.Fingerprint() != again.Fingerprint() {
		t.Fatalf("the fingerprint changed; written:\n%s", out.String())
	}
}

func FuzzParse(f *testing.F) {
	seeds(f, "problems/*.yaml")
	seeds(f, "full/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := routes.Parse("fuzz.yaml", data); err == nil {
			checkWritable(t, c)
		}
	})
}
