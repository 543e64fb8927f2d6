package wordpiece_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/semroute/semroute/embed/transformer/tokentest"
	"github.com/semroute/semroute/embed/transformer/wordpiece"
)

type golden struct {
	Vocabulary     []string
	Uncased, Cased tokentest.Golden
}

func readGolden(t testing.TB) *golden {
	t.Helper()
	var g golden
	tokentest.ReadGolden(t, filepath.Join("testdata", "golden.json.gz"), &g)
	return &g
}

func config(vocabulary []string) wordpiece.Config {
	return wordpiece.Config{
		Tokens: vocabulary, Continuing: "##", Unknown: "[UNK]", First: "[CLS]", Last: "[SEP]",
		Added:        []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"},
		MaxWordRunes: 100, CleanText: true, SpaceCJK: true, StripAccents: true, Lowercase: true,
	}
}

func open(t testing.TB, c wordpiece.Config) *wordpiece.Tokenizer {
	t.Helper()
	tokenizer, err := wordpiece.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

// TestGolden holds the ids to those of the reference.
func TestGolden(t *testing.T) {
	g := readGolden(t)
	c := config(g.Vocabulary)
	uncased := open(t, c)
	c.Lowercase, c.StripAccents = false, false
	cased := open(t, c)
	g.Uncased.Compare(t, func(text string) []uint32 { return uncased.Append(nil, text) })
	g.Cased.Compare(t, func(text string) []uint32 { return cased.Append(nil, text) })
}

func TestBadVocabularies(t *testing.T) {
	good := readGolden(t).Vocabulary
	for name, spoil := range map[string]func(*wordpiece.Config){
		"no tokens":              func(c *wordpiece.Config) { c.Tokens = nil },
		"is there twice":         func(c *wordpiece.Config) { c.Tokens = append(slices.Clone(c.Tokens), "[CLS]") },
		"not UTF-8":              func(c *wordpiece.Config) { c.Tokens = append(slices.Clone(c.Tokens), "\xff") },
		`unknown token "[NO]"`:   func(c *wordpiece.Config) { c.Unknown = "[NO]" },
		`first token ""`:         func(c *wordpiece.Config) { c.First = "" },
		`last token "x y"`:       func(c *wordpiece.Config) { c.Last = "x y" },
		`added token "[NEW]"`:    func(c *wordpiece.Config) { c.Added = []string{"[NEW]"} },
		"max_input_chars":        func(c *wordpiece.Config) { c.MaxWordRunes = 0 },
		"max_input_chars_per":    func(c *wordpiece.Config) { c.MaxWordRunes = 1 << 30 },
		"continuing_subword":     func(c *wordpiece.Config) { c.Continuing = "" },
		"added tokens: 10000, m": func(c *wordpiece.Config) { c.Added = slices.Repeat([]string{"[CLS]"}, 10_000) },
	} {
		c := config(good)
		spoil(&c)
		if _, err := wordpiece.New(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	g := readGolden(t)
	tokenizer := open(t, config(g.Vocabulary))
	ids := make([]uint32, 0, 1<<12)
	if n := testing.AllocsPerRun(10, func() {
		for _, one := range g.Uncased.Cases {
			ids = tokenizer.Append(ids[:0], one.Text)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzAppend: whatever the text, ids are of the vocabulary, at most one for each
// of its characters in their canonical parts, and the same for both halves of a
// text that white space divides.
func FuzzAppend(f *testing.F) {
	g := readGolden(f)
	for _, one := range g.Uncased.Cases[:100] {
		f.Add(one.Text)
	}
	f.Add("\xff\xfe[CLS")
	tokenizer := open(f, config(g.Vocabulary))
	f.Fuzz(func(t *testing.T, text string) {
		ids := tokenizer.Append(nil, text)
		for _, id := range ids {
			if int(id) >= len(g.Vocabulary) {
				t.Fatalf("id %d of %d", id, len(g.Vocabulary))
			}
		}
		const parts = 4 // characters that one is made of at most
		if len(ids) > parts*utf8.RuneCountInString(text) {
			t.Fatalf("%d ids for %q", len(ids), text)
		}
		if twice := tokenizer.Append(nil, text+" "+text); !slices.Equal(twice, slices.Concat(ids, ids)) {
			t.Fatalf("%q twice: %v, once %v", text, twice, ids)
		}
	})
}
