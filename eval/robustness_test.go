package eval

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval/evaltest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// byCase chooses loud for texts in capitals, exact for those it knows, odd for
// all others.
func byCase(text string) router.Decision {
	switch text {
	case "plain words", "more words":
		return evaltest.Chose("exact", .9)
	case strings.ToUpper(text):
		return evaltest.Abstained("loud", .3)
	}
	return evaltest.Chose("odd", .9)
}

func TestRobustnessCountsPrompts(t *testing.T) {
	data := []routes.Labelled{
		{Text: "plain words", Route: "exact"}, // flips under typo and capitals
		{Text: "more words", Route: "exact"},  // likewise
		{Text: "Odd Words", Route: "odd"},     // flips under capitals alone
		{Text: "123", Route: "odd"},           // has no letter
	}
	r, err := Run(context.Background(), &evaltest.Scripted{Otherwise: byCase}, data, Config{Known: []string{"exact", "odd"}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := &Robustness{TypoFlips: 2. / 3, TypoDecisionFlips: 2. / 3, CaseFlips: 1, CaseDecisionFlips: 1, N: 3}
	if diff := cmp.Diff(want, r.Robustness); diff != "" {
		t.Error(diff)
	}
}

func TestAbstainingIsNoFlipOfTheLeadingRoute(t *testing.T) {
	d := &evaltest.Scripted{
		Decisions: map[string]router.Decision{"abc": evaltest.Chose("r", .9)},
		Otherwise: func(string) router.Decision { return evaltest.Abstained("r", .2) },
	}
	r, err := Run(context.Background(), d, []routes.Labelled{{Text: "abc", Route: "r"}}, Config{Known: []string{"r"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := (&Robustness{TypoDecisionFlips: 1, CaseDecisionFlips: 1, N: 1}); !cmp.Equal(want, r.Robustness) {
		t.Errorf("got %+v", r.Robustness)
	}
}

func TestOnlySoManyPromptsArePerturbed(t *testing.T) {
	data := make([]routes.Labelled, 50)
	for i := range data {
		data[i] = routes.Labelled{Text: "word " + strings.Repeat("a", i+1)}
	}
	list := variants(data, 10, rand.New(rand.NewPCG(1, 1)))
	prompts := map[int]bool{}
	for _, v := range list {
		prompts[v.of] = true
	}
	if len(prompts) != 10 {
		t.Errorf("%d prompts", len(prompts))
	}
}

func TestApplyTypo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		text    string
		i, kind int
		want    []string
	}{
		{"card", 1, 0, []string{"crad"}},
		{"card", 3, 0, nil}, // nothing to swap with
		{"a b", 0, 0, nil},
		{"card", 1, 1, []string{"crd"}},
		{"a", 0, 1, nil}, // would leave nothing
		{"card", 1, 2, []string{"caard"}},
		{"card", 1, 3, []string{"csrd"}}, // a has one neighbour in its row
		{"Sad", 0, 3, []string{"Aad", "Dad"}},
		{"übel", 0, 3, nil}, // not on this keyboard
	} {
		got := applyTypo([]rune(c.text), c.i, c.kind, random)
		ok := got == nil && c.want == nil
		for _, w := range c.want {
			ok = ok || string(got) == w
		}
		if !ok {
			t.Errorf("kind %d at %d of %q gives %q, want one of %q", c.kind, c.i, c.text, string(got), c.want)
		}
	}
}

// FuzzTypo: a typo always changes the text, by no more than a swap does.
func FuzzTypo(f *testing.F) {
	for _, text := range []string{"where is my card", "aa", "a", "ÄÖ!", "  x  ", "日本", "\xff a", "123"} {
		f.Add(text, uint64(1))
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) > 2000 {
			t.Skip("longer texts only take longer")
		}
		got, ok := addTypo(text, rand.New(rand.NewPCG(seed, 0)))
		if ok != (len(letters([]rune(text))) > 0) {
			t.Fatalf("%q: %v", text, ok)
		}
		if ok && (got == text || differing([]rune(text), []rune(got)) > 2) {
			t.Fatalf("%q became %q", text, got)
		}
		if ok && strings.TrimSpace(got) == "" {
			t.Fatalf("nothing is left of %q", text)
		}
	})
}

// differing is how many characters are left of the longer text when the
// beginning and the end that both share are taken off.
func differing(a, b []rune) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return max(len(a), len(b))
}
