package classify

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGramsAreCounted(t *testing.T) {
	for text, want := range map[string][blocks]int{
		"":               {0, 0},
		" \t\x00":        {0, 0},
		"a":              {3, 3},          // a, ^a, a$ and " a", "a ", " a "
		"hi there":       {5, 6 + 18},     // 2 words, 3 pairs
		"what's up?":     {7, 22 + 6 + 3}, // 3 words, 4 pairs
		"Straße":         {3, 22},
		"日本":             {3, 6},
		"a\u00a0b\u2028": {5, 6},
	} {
		var b gramBuffer
		b.read(text)
		got := [blocks]int{len(b.hashes[wordBlock]), len(b.hashes[charBlock])}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestGramsIgnoreCaseAndSpace(t *testing.T) {
	var a, b gramBuffer
	a.read("  Where IS\nmy\x00card?")
	b.read("where is my card ?")
	if diff := cmp.Diff(a.hashes, b.hashes); diff != "" {
		t.Error(diff)
	}
}

func TestFeaturesHaveUnitBlocks(t *testing.T) {
	texts := []string{"where is my card", "my card card card is late", "top up"}
	v := newVocabulary(texts, 1, 1<<20)
	var b featureBuffer
	for _, text := range texts {
		b.read(v, text)
		var words, chars float64
		for i, id := range b.ids {
			if x := float64(b.vals[i]); int(id) < v.words {
				words += x * x
			} else {
				chars += x * x
			}
		}
		if math.Abs(words-1) > 1e-5 || math.Abs(chars-charWeight*charWeight) > 1e-5 {
			t.Errorf("%q: squared lengths %v and %v", text, words, chars)
		}
		if sorted := slices.Sorted(slices.Values(b.ids)); len(slices.Compact(sorted)) != len(b.ids) {
			t.Errorf("%q: an n-gram twice", text)
		}
	}
	b.read(v, "xyzzy")
	if len(b.ids) > 2 {
		t.Errorf("unknown text has %d features", len(b.ids))
	}
}

func TestVocabularyKeepsToItsLimit(t *testing.T) {
	texts := []string{"alpha beta", "beta gamma", "gamma delta beta"}
	all := newVocabulary(texts, 1, 1<<20)
	for _, limit := range []int{0, 1, 20, len(all.hashes)} {
		v := newVocabulary(texts, 1, limit)
		if len(v.hashes) > limit {
			t.Errorf("limit %d: %d n-grams", limit, len(v.hashes))
		}
		for id, h := range v.hashes {
			if got, ok := v.find(h); !ok || int(got) != id {
				t.Fatalf("limit %d: n-gram %d found as %d, %v", limit, id, got, ok)
			}
		}
	}
	if two := newVocabulary(texts, 2, 1<<20); len(two.hashes) == 0 || len(two.hashes) >= len(all.hashes) {
		t.Errorf("%d n-grams of two texts, %d of all", len(two.hashes), len(all.hashes))
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add("where is my card?")
	f.Add("\xff\x00日本 \u0301\u200b")
	f.Add(strings.Repeat("ab ", 3000))
	v := newVocabulary([]string{"where is my card", "日本 ab"}, 1, 1<<20)
	f.Fuzz(func(t *testing.T, text string) {
		var b featureBuffer
		b.read(v, text)
		for i, id := range b.ids {
			if x := float64(b.vals[i]); int(id) >= len(v.hashes) || math.IsNaN(x) || x < 0 || x > 1.0001 {
				t.Fatalf("feature %d = %v", id, x)
			}
		}
		for id, c := range b.counts {
			if c != 0 {
				t.Fatalf("count of %d left at %d", id, c)
			}
		}
	})
}
