package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// qualityRoute is a route that chooses by quality among the models of the doubles.
const qualityRoute = `
routes:
  - name: questions
    models: [near, far]
    strategy: quality
    max_quality_loss: 0.1
    utterances: [what is the capital of france, prove this theorem]
`

// madeUp are outcomes in which near knows capitals and cannot prove.
func madeUp(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"text": "what is the capital of country %d", "scores": {"near": 0.95, "far": 1}}`+"\n", i)
		fmt.Fprintf(&b, `{"text": "prove theorem %d about prime numbers", "scores": {"near": 0.1, "far": 0.9}}`+"\n", i)
	}
	return b.String()
}

func outcomesFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "outcomes.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheQualityStrategyLearnsFromOutcomes(t *testing.T) {
	d := startDoubles(t, scripts(says("near")), scripts(says("far")))
	quality := catalogFile(t, qualityRoute)
	chat := func(prompt string, more ...string) ran {
		return runWith(t, "", append([]string{"chat", "--catalog", d.catalog, "--catalog", quality, prompt}, more...)...)
	}
	learnt := outcomesFile(t, madeUp(12))
	tests := map[string]struct {
		prompt string
		more   []string
		out    string
		err    string
	}{
		"the cheap model where it is good enough": {"what is the capital of france", []string{"--outcomes", learnt}, "near\n", ""},
		"the dear one where it is not":            {"prove this theorem", []string{"--outcomes", learnt}, "far\n", ""},
		"the first one where nothing was learnt":  {"prove this theorem", nil, "near\n", "nothing to learn from"},
		"a model without outcomes last": {"prove this theorem",
			[]string{"--outcomes", outcomesFile(t, strings.ReplaceAll(madeUp(12), "near", "other"))}, "far\n", `"model":"near"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := chat(test.prompt, test.more...); got.code != exitDone || got.out != test.out || !strings.Contains(got.err, test.err) {
				t.Errorf("code %d, %q, %q", got.code, got.out, got.err)
			}
		})
	}
	bad := map[string]struct{ file, says string }{
		"too few":       {outcomesFile(t, madeUp(2)), "too few"},
		"a wrong score": {outcomesFile(t, `{"text": "a", "scores": {"near": 2}}`), "outcomes.jsonl:1"},
		"no file":       {filepath.Join(t.TempDir(), "none"), "no such file"},
	}
	for name, test := range bad {
		t.Run(name, func(t *testing.T) {
			if got := chat("prove this theorem", "--outcomes", test.file); got.code != exitWrongUse || !strings.Contains(got.err, test.says) {
				t.Errorf("code %d, %q", got.code, got.err)
			}
		})
	}
}
