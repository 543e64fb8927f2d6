package unigram_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/semroute/semroute/embed/transformer/addedtoken"
	"github.com/semroute/semroute/embed/transformer/tokentest"
	"github.com/semroute/semroute/embed/transformer/unigram"
)

type golden struct {
	Pieces          []piece
	Charsmap        []byte
	Divided, Spaced tokentest.Golden
}

type piece unigram.Piece

func (p *piece) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&p.Text, &p.Score})
}

func readGolden(t testing.TB) *golden {
	t.Helper()
	var g golden
	tokentest.ReadGolden(t, filepath.Join("testdata", "golden.json.gz"), &g)
	return &g
}

// config is that of the golden file: <s>, <pad>, </s>, <unk> and <mask> come first.
func (g *golden) config() unigram.Config {
	c := unigram.Config{
		Settings: unigram.Settings{Unknown: 3, First: 0, Last: 2, CollapseSpaces: true, SplitSpaces: true, Prepend: true},
		Charsmap: g.Charsmap,
	}
	for _, p := range g.Pieces {
		c.Pieces = append(c.Pieces, unigram.Piece(p))
	}
	for id := range 5 {
		c.Added = append(c.Added, addedtoken.Token{Text: c.Pieces[id].Text, ID: uint32(id), StripLeft: id == 4})
	}
	return c
}

func open(c unigram.Config) (*unigram.Tokenizer, error) {
	v, err := unigram.NewVocabulary(c.Pieces)
	if err != nil {
		return nil, err
	}
	return unigram.New(c.Settings, v, c.Charsmap)
}

func mustOpen(t testing.TB, c unigram.Config) *unigram.Tokenizer {
	t.Helper()
	tokenizer, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

// TestGolden holds the ids to those of the reference.
func TestGolden(t *testing.T) {
	g := readGolden(t)
	c := g.config()
	divided := mustOpen(t, c)
	c.SplitSpaces, c.StripRight = false, true
	spaced := mustOpen(t, c)
	t.Run("divided", func(t *testing.T) {
		g.Divided.Compare(t, func(text string) []uint32 { return divided.Append(nil, text) })
	})
	t.Run("spaced", func(t *testing.T) {
		g.Spaced.Compare(t, func(text string) []uint32 { return spaced.Append(nil, text) })
	})
}

// TestTheLikeliestPieces are found, whatever is longest, and what has no piece is
// unknown, once for all characters side by side.
func TestTheLikeliestPieces(t *testing.T) {
	c := unigram.Config{
		Settings: unigram.Settings{Unknown: 0, Last: 1, Prepend: true},
		Pieces:   []unigram.Piece{{"<unk>", 0}, {"</s>", 0}, {"▁", -2}, {"a", -3}, {"b", -3}, {"ab", -5}, {"▁ab", -9}, {"abc", -30}, {"字", -4}},
	}
	const unk, space, a, b, ab = 0, 2, 3, 4, 5
	tokenizer := mustOpen(t, c)
	for text, want := range map[string][]uint32{
		"":       nil,
		" ":      {space},
		"ab":     {space, ab}, // -7, which "▁ab" has not
		"abd":    {space, ab, unk},
		"abc":    {space, 7},
		"aab b":  {space, a, ab, space, b},
		"xyz字é":  {space, unk, 8, unk},
		"x y":    {space, unk, space, unk},
		"▁a":     {space, a},
		"\xffa":  {space, unk, a},
		"a\xc3(": {space, a, unk},
	} {
		if got := tokenizer.Append(nil, text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestBadVocabularies(t *testing.T) {
	g := readGolden(t)
	for want, spoil := range map[string]func(*unigram.Config){
		"0 pieces":                       func(c *unigram.Config) { c.Pieces = nil },
		"is there twice":                 func(c *unigram.Config) { c.Pieces = append(c.Pieces, c.Pieces[9]) },
		"is not UTF-8":                   func(c *unigram.Config) { c.Pieces[7].Text = "\xff" },
		"bytes, more than":               func(c *unigram.Config) { c.Pieces[7].Text = strings.Repeat("x", 1000) },
		"is NaN":                         func(c *unigram.Config) { c.Pieces[7].Score = math.NaN() },
		"unknown token has id 1000000":   func(c *unigram.Config) { c.Unknown = 1_000_000 },
		"first token has id 1000000":     func(c *unigram.Config) { c.First = 1_000_000 },
		"last token has id 1000000":      func(c *unigram.Config) { c.Last = 1_000_000 },
		`"<s>" has id 1000000`:           func(c *unigram.Config) { c.Added[0].ID = 1_000_000 },
		"added tokens":                   func(c *unigram.Config) { c.Added[0].Text = "" },
		"precompiled_charsmap of 3":      func(c *unigram.Config) { c.Charsmap = c.Charsmap[:3] },
		"with a trie of":                 func(c *unigram.Config) { c.Charsmap = c.Charsmap[:1000] },
		"replaces a character by 300000": func(c *unigram.Config) { c.Charsmap = append(slices.Clone(c.Charsmap), make300000()...) },
	} {
		c := g.config()
		spoil(&c)
		if _, err := open(c); !errors.Is(err, unigram.ErrVocabulary) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func make300000() []byte { return append([]byte{0}, strings.Repeat("x", 300_000)...) }

// TestDamagedTries: whatever stands in the parts of a vocabulary, it is refused or
// leads to ids of it.
func TestDamagedTries(t *testing.T) {
	g := readGolden(t)
	c := g.config()
	whole, err := unigram.NewVocabulary(c.Pieces)
	if err != nil {
		t.Fatal(err)
	}
	clone := func() *unigram.Vocabulary {
		return &unigram.Vocabulary{
			Labels: slices.Clone(whole.Labels), Children: slices.Clone(whole.Children), IDs: slices.Clone(whole.IDs), Scores: slices.Clone(whole.Scores),
		}
	}
	try := func(name string, v *unigram.Vocabulary) {
		t.Helper()
		tokenizer, err := unigram.New(c.Settings, v, c.Charsmap)
		if err != nil {
			if !errors.Is(err, unigram.ErrVocabulary) {
				t.Errorf("%s: %v", name, err)
			}
			return
		}
		for _, one := range g.Divided.Cases[:40] {
			for _, id := range tokenizer.Append(nil, one.Text) {
				if int(id) >= len(c.Pieces) {
					t.Fatalf("%s: id %d of %d", name, id, len(c.Pieces))
				}
			}
		}
	}
	for _, part := range []func(*unigram.Vocabulary) *[]byte{
		func(v *unigram.Vocabulary) *[]byte { return &v.Labels }, func(v *unigram.Vocabulary) *[]byte { return &v.Children },
		func(v *unigram.Vocabulary) *[]byte { return &v.IDs }, func(v *unigram.Vocabulary) *[]byte { return &v.Scores },
	} {
		v := clone()
		*part(v) = (*part(v))[:len(*part(v))-1]
		if _, err := unigram.New(c.Settings, v, nil); !errors.Is(err, unigram.ErrVocabulary) {
			t.Errorf("a part cut short: %v", err)
		}
		for at := 0; at < len(*part(whole)); at += 1 + len(*part(whole))/50 {
			v := clone()
			(*part(v))[at] ^= 0xff
			try(fmt.Sprintf("byte %d", at), v)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	if raceDetector {
		t.Skip("allocations are not counted: the race detector drops pooled memory at random")
	}
	g := readGolden(t)
	tokenizer := mustOpen(t, g.config())
	ids := make([]uint32, 0, 1<<12)
	if n := testing.AllocsPerRun(10, func() {
		for _, one := range g.Divided.Cases {
			ids = tokenizer.Append(ids[:0], one.Text)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzAppend: whatever the text, its ids are of the vocabulary, no more than its
// characters can become, and the same whether it stands alone or behind another
// word.
func FuzzAppend(f *testing.F) {
	g := readGolden(f)
	for _, one := range g.Divided.Cases[:100] {
		f.Add(one.Text)
	}
	f.Add("\xff\xfe<ma")
	tokenizer := mustOpen(f, g.config())
	f.Fuzz(func(t *testing.T, text string) {
		ids := tokenizer.Append(nil, text)
		for _, id := range ids {
			if int(id) >= len(g.Pieces) {
				t.Fatalf("id %d of %d", id, len(g.Pieces))
			}
		}
		const parts = 20 // characters that one becomes at most, and a space
		if len(ids) > parts*utf8.RuneCountInString(text) {
			t.Fatalf("%d ids for %q", len(ids), text)
		}
		word := tokenizer.Append(nil, "word")
		if both := tokenizer.Append(nil, "word "+text); !slices.Equal(both, slices.Concat(word, ids)) && utf8.ValidString(text) && !joins(text) {
			t.Fatalf("behind a word %q: %v, alone %v", text, both, ids)
		}
	})
}

// joins says that a text begins with what a space before it would be joined to.
func joins(text string) bool {
	for _, r := range text {
		return r >= utf8.RuneSelf
	}
	return false
}

// FuzzCharsmap: whatever a map of characters holds, it is refused or read within
// its bounds.
func FuzzCharsmap(f *testing.F) {
	g := readGolden(f)
	f.Add([]byte{4, 0, 0, 0, 0, 1, 0, 0, 'x', 0}, "text")
	f.Add(g.Charsmap[:5000], "½ ｶﾞ")
	f.Add(append([]byte{0, 0x10, 0, 0}, g.Charsmap[4:0x1800]...), "½ ｶﾞ e\u0301")
	c := g.config()
	v, err := unigram.NewVocabulary(c.Pieces)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, charsmap []byte, text string) {
		tokenizer, err := unigram.New(c.Settings, v, charsmap)
		if err != nil {
			if !errors.Is(err, unigram.ErrVocabulary) {
				t.Fatal(err)
			}
			return
		}
		const longest = 300 // bytes that a character becomes
		if ids := tokenizer.Append(nil, text); len(ids) > longest*(len(text)+1) {
			t.Fatalf("%d ids for %d bytes", len(ids), len(text))
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	g := readGolden(b)
	tokenizer := mustOpen(b, g.config())
	var ids []uint32
	for i := 0; b.Loop(); i++ {
		ids = tokenizer.Append(ids[:0], g.Divided.Cases[i%30].Text)
	}
}
