package memory

import (
	"fmt"
	"testing"

	"github.com/semroute/semroute/index"
)

func filledIndex(tb testing.TB, routes, utterances, dimension int) (*Index, [][]float32) {
	tb.Helper()
	x, err := Open(Config{Fingerprint: "bench", Dimension: dimension})
	if err != nil {
		tb.Fatal(err)
	}
	entries, asked := newCorpus(1, dimension).entries(routes, utterances, 1000)
	if err := x.Replace(tb.Context(), entries); err != nil {
		tb.Fatal(err)
	}
	return x, asked
}

func BenchmarkSearch(b *testing.B) {
	for _, size := range []struct{ routes, utterances, dimension int }{
		{8, 20, 256}, {150, 100, 256}, {150, 100, 384},
	} {
		b.Run(fmt.Sprintf("%dx%dx%d", size.routes, size.utterances, size.dimension), func(b *testing.B) {
			x, asked := filledIndex(b, size.routes, size.utterances, size.dimension)
			benchSearch(b, x, asked, nil)
		})
	}
}

func BenchmarkSearchInEightRoutes(b *testing.B) {
	x, asked := filledIndex(b, 150, 100, 256)
	routes := make([]string, 8)
	for i := range routes {
		routes[i] = fmt.Sprintf("route-%06d", i*17)
	}
	benchSearch(b, x, asked, routes)
}

func benchSearch(b *testing.B, x *Index, asked [][]float32, routes []string) {
	b.Helper()
	b.ReportAllocs()
	var matches []index.Match
	for i := 0; b.Loop(); i++ {
		var err error
		matches, err = x.SearchInto(matches, index.Query{Vector: asked[i%len(asked)], K: 10, Routes: routes})
		if err != nil {
			b.Fatal(err)
		}
	}
}
