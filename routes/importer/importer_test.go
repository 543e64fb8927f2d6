package importer_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/importer"
)

func TestImportGivesATextToItsMajority(t *testing.T) {
	input := `{"text": "refund me", "route": "refunds"}
{"text": "Refund me", "route": "refunds"}

{"text": " refund me ", "route": "returns", "id": 7}
{"text": "refund me", "route": "refunds"}
{"text": "tie", "route": "returns"}
{"text": "tie", "route": "refunds"}
{"text": "lost", "route": "ghost"}
{"text": "lost", "route": ""}
{"text": "lost", "route": ""}
{"text": "who are you", "route": ""}
`
	c, report, err := importer.JSONL(strings.NewReader(input), "in.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := routes.WriteCatalog(&out, c); err != nil {
		t.Fatal(err)
	}
	want := `routes:
  - name: refunds
    utterances:
      - "refund me"
      - "Refund me"
  - name: returns
    utterances:
      - tie
none:
  - lost
  - "who are you"
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("catalog (-want +got):\n%s", diff)
	}
	wantReport := importer.Report{
		Lines: 10, Kept: 5, Duplicates: 2, Conflicts: 3,
		Warnings: []routes.Problem{{
			Position: routes.Position{File: "in.jsonl"},
			Message:  `route "ghost" was left out: others have each of its texts more often`,
		}},
	}
	if diff := cmp.Diff(wantReport, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if _, err := routes.Parse("out.yaml", out.Bytes()); err != nil {
		t.Errorf("the catalog does not load: %v", err)
	}
}

func TestImportReportsEveryBadLine(t *testing.T) {
	input := "{\"text\": \"a\", \"route\": \"x\"}\n{\"text\": \"b\"}\nnot json\n{\"text\": \"\", \"route\": \"x\"}\n" +
		"{\"text\": \"c\", \"route\": \" x\"}\n{\"text\": \"d\", \"route\": 3}\n{\"text\": \"\xff\", \"route\": \"x\"}\n"
	_, _, err := importer.JSONL(strings.NewReader(input), "in.jsonl")
	want := `in.jsonl:2:1: route is missing; write "" where none fits
in.jsonl:3:2: JSON: invalid character 'o' in literal null (expecting 'u')
in.jsonl:4:1: text is empty
in.jsonl:5:1: route " x" is not a usable name: it must have at most 200 bytes, no control characters and no spaces around it
in.jsonl:6:24: route must be text, not number
in.jsonl:7:11: not UTF-8; save the file as UTF-8`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
	if _, _, err := importer.JSONL(strings.NewReader(""), "in.jsonl"); err == nil {
		t.Error("an empty file gave no error")
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with testdata/NAME.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; if this is meant, run the test with -update (-want +got):\n%s", file, diff)
	}
}

func TestImportAurelio(t *testing.T) {
	for _, format := range []importer.Format{importer.YAML, importer.JSON} {
		t.Run(string(format), func(t *testing.T) {
			name := "router." + string(format)
			data, err := os.ReadFile("testdata/aurelio/" + name)
			if err != nil {
				t.Fatal(err)
			}
			c, report, err := importer.Aurelio(bytes.NewReader(data), name, format)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := routes.WriteCatalog(&out, c); err != nil {
				t.Fatal(err)
			}
			out.WriteString("---\n")
			for _, w := range report.Warnings {
				out.WriteString("# " + w.String() + "\n")
			}
			golden(t, "aurelio/"+name+".golden", out.String())
		})
	}
}

func TestImportAurelioRefusesWhatIsNoRouter(t *testing.T) {
	tests := map[string]struct {
		format     importer.Format
		data, want string
	}{
		"empty":       {importer.YAML, "", "r: the file is empty"},
		"no routes":   {importer.YAML, "encoder_type: openai\n", "r:1:1: the router has no routes"},
		"text":        {importer.YAML, "hello", "r:1:1: the router must be a mapping, not text"},
		"no name":     {importer.YAML, "routes: [{utterances: [a]}]", "r:1:10: a route needs name"},
		"no texts":    {importer.YAML, "routes: [{name: a, utterances: []}]", "r: there is no route with an utterance"},
		"broken json": {importer.JSON, "{\n \"routes\": [}", "r:2:13: JSON: invalid character '}' looking for beginning of value"},
		"format":      {"toml", "x", `r: unknown format "toml"; known are json, yaml`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := importer.Aurelio(strings.NewReader(tc.data), "r", tc.format)
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

var errDisk = errors.New("disk failed")

func TestAReadersFailureIsGivenOn(t *testing.T) {
	if _, _, err := importer.JSONL(iotest.ErrReader(errDisk), "p"); !errors.Is(err, errDisk) {
		t.Errorf("JSONL gave %v", err)
	}
	if _, _, err := importer.Aurelio(iotest.ErrReader(errDisk), "p", importer.YAML); !errors.Is(err, errDisk) {
		t.Errorf("Aurelio gave %v", err)
	}
}
