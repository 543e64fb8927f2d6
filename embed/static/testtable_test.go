package static

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// smallSource is a source small enough to see through: two dimensions
// and one pair.
func smallSource() Source {
	return Source{
		Provenance: Provenance{Teacher: "none", TeacherDigest: "0", Command: "by hand", Date: "2026-01-01", License: "none"},
		Pieces:     []string{"[UNK]", "red", "blue", "car", "##pet", "un", "##known", "a"},
		Pairs:      [][2]uint32{{1, 3}},
		Vectors: [][]float32{
			{0, 1}, {1, 0}, {-1, 0}, {0, 2}, {3, 3}, nil, {1, 1}, {0, 0},
			{0, -8},
		},
	}
}

func mustTable(t testing.TB, source Source) *Table {
	t.Helper()
	data, err := Build(source)
	if err != nil {
		t.Fatal(err)
	}
	table, err := ParseTable(data)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func mustNew(t testing.TB, config Config) *Embedder {
	t.Helper()
	e, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func length(v []float32) float64 {
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	return math.Sqrt(square)
}

func cosine(a, b []float32) float64 {
	var dot float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return dot / length(a) / length(b)
}

// lines reads a file of testdata.
func lines(t testing.TB, path string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var all []string
	for s := bufio.NewScanner(file); s.Scan(); {
		if line := strings.TrimSpace(s.Text()); line != "" {
			all = append(all, line)
		}
	}
	if len(all) == 0 {
		t.Fatal(fmt.Errorf("%s is empty", path))
	}
	return all
}
