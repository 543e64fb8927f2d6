package importer_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/importer"
)

// seeds adds the files that a pattern matches.
func seeds(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.FromSlash(pattern))
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

// checkWritable holds that an imported catalog can be written and read back
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

func FuzzImportJSONL(f *testing.F) {
	seeds(f, "../testdata/*/*.jsonl")
	f.Add([]byte(`{"text": "a", "route": "b"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, report, err := importer.JSONL(bytes.NewReader(data), "fuzz.jsonl"); err == nil {
			if report.Lines != report.Kept+report.Duplicates+report.Conflicts {
				t.Fatalf("the report does not add up: %+v", report)
			}
			checkWritable(t, c)
		}
	})
}

func FuzzImportAurelio(f *testing.F) {
	seeds(f, "testdata/aurelio/router.yaml")
	seeds(f, "testdata/aurelio/router.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []importer.Format{importer.YAML, importer.JSON} {
			if c, _, err := importer.Aurelio(bytes.NewReader(data), "fuzz", format); err == nil {
				checkWritable(t, c)
			}
		}
	})
}
