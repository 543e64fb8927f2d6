package routes_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/routes"
)

func TestReadLabelled(t *testing.T) {
	input := "\ufeff{\"text\": \" keep me \", \"route\": \"a\", \"source\": 1}\r\n\r\n{\"text\": \"none fits\", \"route\": \"\"}"
	got, err := routes.ReadLabelled(strings.NewReader(input), "p.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	want := []routes.Labelled{{Text: " keep me ", Route: "a", Line: 1}, {Text: "none fits", Line: 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadPromptsNeedsNoLabels(t *testing.T) {
	input := `{"text": "one"}
{"text": "two", "route": "a"}`
	got, err := routes.ReadPrompts(strings.NewReader(input), "p.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	want := []routes.Labelled{{Text: "one", Line: 1}, {Text: "two", Route: "a", Line: 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for input, want := range map[string]string{
		"":                            `p.jsonl: there are no prompts; a line is {"text": "..."}`,
		`{"route": "a"}`:              `p.jsonl:1:1: text is missing; a line is {"text": "...", "route": "NAME"}`,
		`{"text": "one", "route": 7}`: `p.jsonl:1:26: route must be text, not number`,
	} {
		if _, err := routes.ReadPrompts(strings.NewReader(input), "p.jsonl"); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", input, err, want)
		}
	}
}

func TestReadOutcomes(t *testing.T) {
	got, err := routes.ReadOutcomes(strings.NewReader(`{"text": "q", "scores": {"small": 0, "large": 1}}`), "o.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	want := []routes.Outcome{{Text: "q", Scores: map[string]float64{"small": 0, "large": 1}, Line: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = routes.ReadOutcomes(strings.NewReader(`{"text": "q", "scores": {"b": 1.5, "a": 7}}
{"text": "q", "scores": {}}
{"text": "q", "scores": {"a": "high"}}
{"scores": {"a": 1}}
{"text": " ", "scores": {"a": 1}}`), "o.jsonl")
	wantErr := `o.jsonl:1:1: the score of "a" is 7 but must be between 0 and 1
o.jsonl:2:1: scores are missing; write {"MODEL": 0.7}
o.jsonl:3:36: scores must be a number, not string
o.jsonl:4:1: text is missing; a line is {"text": "...", "scores": {"MODEL": 0.7}}
o.jsonl:5:1: text is empty`
	if err == nil || err.Error() != wantErr {
		t.Errorf("got:\n%v\nwant:\n%s", err, wantErr)
	}
}

func TestALineIsBounded(t *testing.T) {
	long := `{"text": "` + strings.Repeat("x", routes.MaxLineBytes) + `", "route": "a"}` + "\n" + `{"text": "y"}`
	_, err := routes.ReadLabelled(strings.NewReader(long), "p.jsonl")
	want := "p.jsonl:1:1: line is longer than 4 MiB\np.jsonl:2:1: route is missing; write \"\" where none fits"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

type failing struct{}

var errDisk = errors.New("disk failed")

func (failing) Read([]byte) (int, error) { return 0, errDisk }

func TestAReadersFailureIsGivenOn(t *testing.T) {
	if _, err := routes.ReadLabelled(failing{}, "p"); !errors.Is(err, errDisk) {
		t.Errorf("ReadLabelled gave %v", err)
	}
}
