package mapapi

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSampleTakesOfEachRouteTheSameShare(t *testing.T) {
	sizes := []int{1, 30_000, 9_999, 3, 20_000}
	var names []string
	for i, n := range sizes {
		for range n {
			names = append(names, string(rune('a'+i)))
		}
	}
	of := func(i int) (string, int) { return names[i], 384 }
	drawn := sample(len(names), of)
	got := map[string]int{}
	for k, i := range drawn {
		if k > 0 && i <= drawn[k-1] {
			t.Fatalf("entry %d comes after %d", i, drawn[k-1])
		}
		got[names[i]]++
	}
	if diff := cmp.Diff(map[string]int{"a": 1, "b": 9999, "c": 3332, "d": 1, "e": 6666}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(drawn, sample(len(names), of)); diff != "" {
		t.Error("it is another sample each time")
	}
}

func TestLongVectorsAreFewer(t *testing.T) {
	if n := len(sample(30_000, func(int) (string, int) { return "a", 4096 })); n != maxVectors/4096 {
		t.Errorf("%d are drawn", n)
	}
	if n := len(sample(10, func(int) (string, int) { return "a", 4096 })); n != 10 {
		t.Errorf("%d of 10 are drawn", n)
	}
}

func TestShortenedKeepsCharactersWhole(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("é", 80), strings.Repeat("😀", 40), strings.Repeat("a", 97), "bad \xff" + strings.Repeat("b", 100)} {
		got := shortened(text, maxText)
		if len(got) > maxText || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q, %d bytes", text, got, len(got))
		}
		if len(text) <= maxText && utf8.ValidString(text) && got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
