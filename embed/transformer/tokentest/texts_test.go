package tokentest_test

import (
	"testing"
	"unicode"

	"github.com/semroute/semroute/embed/transformer/tokentest"
)

// TestTexts: the texts are as many as is said, the same each time, and of as many
// scripts.
func TestTexts(t *testing.T) {
	texts, again := tokentest.Texts(), tokentest.Texts()
	if len(texts) != tokentest.Count {
		t.Fatalf("%d texts, not %d", len(texts), tokentest.Count)
	}
	of, scriptOf := map[string]int{}, map[rune]string{}
	for i, text := range texts {
		if text != again[i] {
			t.Fatalf("text %d is %q, then %q", i, text, again[i])
		}
		seen := map[string]bool{}
		for _, r := range text {
			name, known := scriptOf[r]
			if !known {
				name = script(r)
				scriptOf[r] = name
			}
			if !seen[name] {
				seen[name] = true
				of[name]++
			}
		}
	}
	scripts := 0
	for name, count := range of {
		const often = 100
		if count >= often && name != "Common" && name != "Inherited" {
			scripts++
		}
	}
	if scripts < 20 {
		t.Errorf("%d scripts are in 100 texts or more: %v", scripts, of)
	}
}

func script(r rune) string {
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return "Common"
}
