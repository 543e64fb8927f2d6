package static

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
)

func TestSuite(t *testing.T) {
	embedtest.Run(t, func(t *testing.T) embed.Embedder { return mustNew(t, Config{}) })
}

func TestVectorsAreSumsOfTokensAndPairs(t *testing.T) {
	e := mustNew(t, Config{Table: mustTable(t, smallSource())})
	for text, want := range map[string][]float32{
		"red":                             {1, 0},
		"RED, car":                        {1 / float32(math.Sqrt(5)), 2 / float32(math.Sqrt(5))}, // the comma is unknown and parts them
		"red car":                         {1 / float32(math.Sqrt(37)), -6 / float32(math.Sqrt(37))},
		"car red":                         {1 / float32(math.Sqrt(5)), 2 / float32(math.Sqrt(5))},
		"carpet":                          {3 / float32(math.Sqrt(34)), 5 / float32(math.Sqrt(34))}, // car + ##pet
		"unknown":                         {float32(math.Sqrt(0.5)), float32(math.Sqrt(0.5))},       // un has no vector
		"zebra":                           {0, 1},                                                   // [UNK]
		"zebra red":                       {1, 0},                                                   // which adds nothing to what is known
		"":                                {0, 1},
		"un":                              {0, 1},
		"a":                               {0, 1},
		"red blue":                        {0, 1}, // they cancel out
		"\x00\x01\u200b":                  {0, 1},
		strings.Repeat("z", 101) + " red": {1, 0},
	} {
		got, truncated := e.AppendQuery(nil, text)
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 0.01)); diff != "" || truncated {
			t.Errorf("%.20q: truncated %v (-want +got):\n%s", text, truncated, diff)
		}
	}
}

func TestTheEndsOfALongTextAreRead(t *testing.T) {
	e := mustNew(t, Config{})
	for name, c := range map[string]struct {
		text, same string
		truncated  bool
	}{
		"as many tokens as are read": {strings.Repeat("money ", MaxTokens), "money", false},
		"one more":                   {strings.Repeat("money ", MaxTokens) + "music", "money", true},
		"one end after the other": {strings.Repeat("refund ", 300) + strings.Repeat("kitchen ", 2000) + strings.Repeat("money ", 300),
			strings.Repeat("refund ", 256) + strings.Repeat("money ", 256), true},
		"too many bytes":         {"refund" + strings.Repeat(" ", maxBytes) + "music", "refund music", true},
		"cut within a character": {"refund" + strings.Repeat(" ", maxBytes-7) + "é", "refund é", true},
		"a megabyte of controls": {"refund " + strings.Repeat("\x01", 1<<20), "refund", true},
		"a megabyte in one word": {"refund " + strings.Repeat("m", 1<<20), "refund", true},
	} {
		got, truncated := e.AppendQuery(nil, c.text)
		want, _ := e.AppendQuery(nil, c.same)
		if s := cosine(got, want); s < 0.999 || truncated != c.truncated {
			t.Errorf("%s: similarity %v, truncated %v", name, s, truncated)
		}
	}
}

func TestAppendQueryKeepsWhatIsThere(t *testing.T) {
	e := mustNew(t, Config{})
	dst := make([]float32, 2, 2+e.Dimension())
	dst[0], dst[1] = 7, 8
	dst = dst[:2+e.Dimension()]
	for i := range dst[2:] {
		dst[2+i] = 99 // leftovers of an earlier use
	}
	got, _ := e.AppendQuery(dst[:2], "where is my refund")
	want, _ := e.AppendQuery(nil, "where is my refund")
	if diff := cmp.Diff(append([]float32{7, 8}, want...), got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

func TestAppendQueryAllocatesNothing(t *testing.T) {
	e := mustNew(t, Config{})
	dst := make([]float32, 0, e.Dimension())
	if n := testing.AllocsPerRun(100, func() { dst, _ = e.AppendQuery(dst[:0], "Where is my refund for order #4821?") }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func TestMeaningOfTheCompiledTable(t *testing.T) {
	e := mustNew(t, Config{})
	for _, c := range []struct{ text, near, far string }{
		{"where is my refund", "i want my money back", "play some jazz"},
		{"book a flight to paris", "reserve plane tickets", "freeze my credit card"},
		{"what is the weather tomorrow", "will it rain today", "set an alarm for six"},
		{"solve this equation", "algebra homework", "recipe for soup"},
	} {
		text, _ := e.AppendQuery(nil, c.text)
		near, _ := e.AppendQuery(nil, c.near)
		far, _ := e.AppendQuery(nil, c.far)
		if cosine(text, near) <= cosine(text, far) {
			t.Errorf("%q: %q %.3f, %q %.3f", c.text, c.near, cosine(text, near), c.far, cosine(text, far))
		}
	}
}

func BenchmarkAppendQuery(b *testing.B) {
	e := mustNew(b, Config{})
	dst := make([]float32, 0, e.Dimension())
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = e.AppendQuery(dst[:0], "why was i charged twice for the same order again last week")
	}
}

// BenchmarkAppendQueryFromColdRows embeds many different texts, so that rows
// come from memory and not from the cache.
func BenchmarkAppendQueryFromColdRows(b *testing.B) {
	e := mustNew(b, Config{})
	tokenizer := e.Tokenizer()
	texts := make([]string, 4096)
	next := uint32(1)
	for i := range texts {
		words := make([]string, 12)
		for k := range words {
			next = next*1664525 + 1013904223
			words[k] = strings.TrimPrefix(tokenizer.Piece(1996+next>>8%25000), "##")
		}
		texts[i] = strings.Join(words, " ")
	}
	dst := make([]float32, 0, e.Dimension())
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = e.AppendQuery(dst[:0], texts[i%len(texts)])
		i++
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		mustNew(b, Config{})
	}
}

func TestEmbedQueryIsTheVectorOfABatch(t *testing.T) {
	e := mustNew(t, Config{})
	texts := []string{"where is my refund", "", "¿dónde está?", strings.Repeat("a long story ", 400)}
	batch, err := e.EmbedQueries(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	var room []float32
	for i, text := range texts {
		got, err := e.EmbedQuery(t.Context(), text, &room)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(batch.At(i), got); diff != "" {
			t.Errorf("%q (-batch +single):\n%s", text, diff)
		}
	}
	if n := testing.AllocsPerRun(50, func() { _, _ = e.EmbedQuery(t.Context(), texts[0], &room) }); n > 0 {
		t.Errorf("%v allocations with room, want none", n)
	}
}
