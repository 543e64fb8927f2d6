package static

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

// testdata/tokens.jsonl holds ids from the Hugging Face tokenizers package
// (WordPiece model, BertNormalizer, BertPreTokenizer, without special tokens)
// over bert-base-uncased's vocabulary.
func TestTokenizerGivesTheIDsOfTheReferenceTokenizer(t *testing.T) {
	tokenizer := mustNew(t, Config{}).Tokenizer()
	for _, line := range lines(t, "testdata/tokens.jsonl") {
		var example struct {
			Text string   `json:"text"`
			IDs  []uint32 `json:"ids"`
		}
		if err := json.Unmarshal([]byte(line), &example); err != nil {
			t.Fatal(err)
		}
		got := tokenizer.Append([]uint32{}, example.Text)
		if diff := cmp.Diff(example.IDs, got); diff != "" {
			t.Errorf("%q (-reference +got):\n%s", example.Text, diff)
		}
		if count := tokenizer.Count(example.Text); count != len(example.IDs) {
			t.Errorf("Count(%q) = %d, the reference has %d tokens", example.Text, count, len(example.IDs))
		}
	}
}

func TestTokenizerSplitsIntoTheLongestKnownPieces(t *testing.T) {
	tokenizer, err := NewTokenizer([]string{"[UNK]", "un", "##know", "##n", "##known", "unk", "(", "日"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want string
	}{
		{"", ""},
		{"unknown", "unk [UNK]"},
		{"UN-known", "un [UNK] [UNK]"},
		{"un(unkn", "un ( unk ##n"},
		{"日本", "日 [UNK]"},
		{"u\u0301n", "un"},
		{"\xff\xfeun\x00\x1f", "un"},
		{strings.Repeat("un", 51), "[UNK]"},
	} {
		var got []string
		for _, id := range tokenizer.Append(nil, c.text) {
			got = append(got, tokenizer.Piece(id))
		}
		want := strings.Fields(c.want)
		if c.text == "unknown" {
			want = []string{"[UNK]"} // "unk" leaves "nown", which has no piece
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q: got %q, want %q", c.text, got, want)
		}
	}
}

func TestPieceOfAnUnknownIDIsEmpty(t *testing.T) {
	tokenizer, err := NewTokenizer([]string{"[UNK]", "a"})
	if err != nil {
		t.Fatal(err)
	}
	if got := tokenizer.Piece(2); got != "" {
		t.Fatalf("Piece(2) = %q", got)
	}
	if diff := cmp.Diff([]string{"[UNK]", "a"}, tokenizer.Pieces()); diff != "" {
		t.Fatalf("Pieces (-want +got):\n%s", diff)
	}
}

func TestNewTokenizerRefusesAnUnusableVocabulary(t *testing.T) {
	for name, pieces := range map[string][]string{
		"none":       nil,
		"no unknown": {"a", "b"},
		"twice":      {"[UNK]", "a", "a"},
		"empty":      {"[UNK]", ""},
		"not UTF-8":  {"[UNK]", "\xff"},
	} {
		if _, err := NewTokenizer(pieces); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzTokenizer(f *testing.F) {
	for _, text := range []string{"", "Hello, World!", "e\u0301\u0300 日本 \U0001F600", "\x00\xff\u200d", strings.Repeat("é", 101)} {
		f.Add(text)
	}
	embedder, err := New(Config{})
	if err != nil {
		f.Fatal(err)
	}
	tokenizer := embedder.Tokenizer()
	f.Fuzz(func(t *testing.T, text string) {
		ids := tokenizer.Append(nil, text)
		if count := tokenizer.Count(text); count != len(ids) {
			t.Fatalf("Count %d, %d ids", count, len(ids))
		}
		for _, id := range ids {
			if tokenizer.Piece(id) == "" {
				t.Fatalf("id %d is not in the vocabulary", id)
			}
		}
		// Splitting at a space never changes tokens.
		if parts := strings.Split(text, " "); utf8.ValidString(text) {
			var joined []uint32
			for _, part := range parts {
				joined = tokenizer.Append(joined, part)
			}
			if diff := cmp.Diff(ids, joined); diff != "" {
				t.Fatalf("tokens depend on what stands beyond a space:\n%s", diff)
			}
		}
		vector, _ := embedder.AppendQuery(nil, text)
		if n := length(vector); !(n > 0.9999 && n < 1.0001) {
			t.Fatalf("vector of length %v", n)
		}
	})
}

func BenchmarkTokenizer(b *testing.B) {
	tokenizer := mustNew(b, Config{}).Tokenizer()
	text := "why was i charged twice for the same order last week"
	ids := make([]uint32, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		ids = tokenizer.Append(ids[:0], text)
	}
	b.SetBytes(int64(len(text)))
}

func BenchmarkTokenizerOutsideASCII(b *testing.B) {
	tokenizer := mustNew(b, Config{}).Tokenizer()
	text := "où est passé le café que j'ai commandé à São Paulo ?"
	ids := make([]uint32, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		ids = tokenizer.Append(ids[:0], text)
	}
	b.SetBytes(int64(len(text)))
}

// Every character must decompose as package norm does it, without accents.
func TestDecomposeAgreesWithNFD(t *testing.T) {
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		var want []rune
		for _, part := range norm.NFD.String(string(r)) {
			if !unicode.Is(unicode.Mn, part) {
				want = append(want, part)
			}
		}
		var room [8]rune
		if got := decompose(room[:0], r, string(r)+"x"); !slices.Equal(got, want) {
			t.Fatalf("%U: got %U, want %U", r, got, want)
		}
	}
}
