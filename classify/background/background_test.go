package background_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/classify/background"
)

func TestPromptsAreManyDifferentAndClean(t *testing.T) {
	subjects, err := background.Subjects()
	if err != nil {
		t.Fatal(err)
	}
	seen, total := map[string]string{}, 0
	for _, s := range subjects {
		if len(s.Prompts) < 25 {
			t.Errorf("%s has %d prompts; too few to say whether a catalog is about it", s.Name, len(s.Prompts))
		}
		for _, p := range s.Prompts {
			total++
			key := strings.ToLower(p)
			if p == "" || strings.TrimSpace(p) != p {
				t.Errorf("%s: %q is empty or has spaces around it", s.Name, p)
			}
			if other, ok := seen[key]; ok {
				t.Errorf("%q stands in %s and in %s", p, other, s.Name)
			}
			seen[key] = s.Name
		}
	}
	if len(subjects) < 20 || total < 3000 {
		t.Errorf("%d prompts on %d subjects; want at least 3000 on 20", total, len(subjects))
	}
}

func TestFingerprintTellsOneChangedPrompt(t *testing.T) {
	subjects, err := background.Subjects()
	if err != nil {
		t.Fatal(err)
	}
	before := background.Fingerprint(subjects)
	subjects[3].Prompts[5] += "?"
	if background.Fingerprint(subjects) == before {
		t.Error("the fingerprint is the same with another prompt")
	}
}

func TestVectorsComeBackAsUnitVectors(t *testing.T) {
	want := [][]float32{{.6, .8, 0}, {0, -1, 0}, {.48, .6, .64}}
	data := background.Encode("model", "prompts", want)
	got, err := background.Decode(data, background.Header("model", "prompts"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, .01)); diff != "" {
		t.Error(diff)
	}
	if got, err := background.Decode(data, background.Header("model", "others")); got != nil || err != nil {
		t.Errorf("vectors of other prompts: %v, %v", got, err)
	}
	if _, err := background.Decode(data[:len(data)-1], background.Header("model", "prompts")); err == nil {
		t.Error("a file that was cut is read")
	}
}
