package tokentest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"

	"github.com/semroute/semroute/internal/plainfile"
)

// Sum is the sum of a text's ids.
type Sum [4]byte

// SumOf is the beginning of the SHA-256 of ids in 4 bytes each.
func SumOf(ids []uint32) Sum {
	var data []byte
	for _, id := range ids {
		data = binary.LittleEndian.AppendUint32(data, id)
	}
	whole := sha256.Sum256(data)
	return Sum(whole[:])
}

// Case is a text with its ids, for whom a sum says too little.
type Case struct {
	Text string
	IDs  []uint32
}

// Golden are a tokenizer's ids as the reference gives them.
type Golden struct {
	Sums  []byte // of all Texts
	Cases []Case // of some
}

// Compare fails t for each of Texts of whose ids the sum is not that of the
// reference, and for each case whose ids are others.
func (g *Golden) Compare(t *testing.T, tokenize func(text string) []uint32) {
	t.Helper()
	if len(g.Sums) != Count*len(Sum{}) {
		t.Fatalf("%d bytes of sums for %d texts", len(g.Sums), Count)
	}
	for _, c := range g.Cases {
		if got := tokenize(c.Text); !slices.Equal(got, c.IDs) {
			t.Errorf("%q: %v, want %v", c.Text, got, c.IDs)
		}
	}
	wrong := 0
	for i, text := range Texts() {
		ids := tokenize(text)
		if SumOf(ids) == Sum(g.Sums[i*len(Sum{}):]) {
			continue
		}
		if wrong++; wrong < 20 {
			t.Errorf("text %d, %q: %v are not the reference's ids", i, text, ids)
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d texts have other ids than the reference gives", wrong, Count)
	}
}

// ReadGolden reads a compressed JSON file into v.
func ReadGolden(t testing.TB, path string, v any) {
	t.Helper()
	const most = 16 << 20
	data, err := plainfile.Read(path, most)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(plain).Decode(v); err != nil {
		t.Fatal(err)
	}
}
