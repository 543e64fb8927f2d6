package embed

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// counting embeds a text as a unit vector of its length, and counts the texts.
type counting struct {
	fingerprint string
	dimension   int
	texts       int
}

func (c *counting) EmbedQueries(_ context.Context, texts []string) (Batch, error) {
	b := Batch{Vectors: make([][]float32, len(texts)), Truncated: make([]bool, len(texts))}
	for i, text := range texts {
		c.texts++
		angle := float64(len(text))
		b.Vectors[i] = make([]float32, c.dimension)
		b.Vectors[i][0], b.Vectors[i][1] = float32(math.Cos(angle)), float32(math.Sin(angle))
		b.Truncated[i] = len(text) > 5
	}
	return b, nil
}

func (c *counting) EmbedDocuments(ctx context.Context, texts []string) (Batch, error) {
	return c.EmbedQueries(ctx, texts)
}
func (c *counting) Dimension() int      { return c.dimension }
func (c *counting) Fingerprint() string { return c.fingerprint }

// filled is a cache that remembers the texts, the last one used last.
func filled(t testing.TB, e *counting, bytes int64, texts ...string) *Cache {
	t.Helper()
	c, err := NewCache(e, bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if _, err := c.EmbedQueries(context.Background(), []string{text}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// savedFile saves a cache of the texts and gives the path.
func savedFile(t testing.TB, texts ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cache")
	if err := filled(t, &counting{"model@1", 4, 0}, 1<<20, texts...).Save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCacheOutlivesTheProcess(t *testing.T) {
	path := savedFile(t, "one", "two", "longer", "")
	e := &counting{"model@1", 4, 0}
	c := filled(t, e, 1<<20)
	n, err := c.Load(path)
	if err != nil || n != 4 {
		t.Fatalf("%d texts, %v; want 4", n, err)
	}
	texts := []string{"one", "longer", "new"}
	got, err := c.EmbedQueries(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	if e.texts != 1 {
		t.Errorf("%d texts were embedded, want the new one only", e.texts)
	}
	want, _ := e.EmbedQueries(t.Context(), texts)
	want.Cached = []bool{true, true, false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("batch (-embedded +cached):\n%s", diff)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; prompts are for their owner alone", info.Mode(), err)
	}
}

func TestASmallerCacheLoadsWhatFits(t *testing.T) {
	texts := []string{"a", "b", "c", "d", "e", "f"}
	path := savedFile(t, texts...)
	one := int64(weigh("a", cached{vector: make([]float32, 4)}))
	c := filled(t, &counting{"model@1", 4, 0}, 3*one)
	if n, err := c.Load(path); err != nil || n != 3 {
		t.Fatalf("%d texts, %v; want the 3 that fit", n, err)
	}
	if c.Bytes() > 3*one {
		t.Errorf("%d bytes are held, at most %d may be", c.Bytes(), 3*one)
	}
}

func TestAFileThatCannotBeTrustedIsNotLoaded(t *testing.T) {
	whole, err := os.ReadFile(savedFile(t, "one", "two"))
	if err != nil {
		t.Fatal(err)
	}
	with := func(at int, b byte) []byte {
		out := append([]byte(nil), whole...)
		out[at] = b
		return out
	}
	vector := with(len(whole)-5, 0x7f) // far from unit length, and sealed again
	for _, tc := range []struct {
		name string
		data []byte
		e    counting
		want error
	}{
		{"another model", whole, counting{"model@2", 4, 0}, ErrCacheForeign},
		{"another dimension", whole, counting{"model@1", 8, 0}, ErrCacheForeign},
		{"another version", sealed(with(8, 9)), counting{"model@1", 4, 0}, ErrCacheFile},
		{"a flipped bit", with(len(whole)/2, whole[len(whole)/2]^1), counting{"model@1", 4, 0}, ErrCacheFile},
		{"a vector of no unit length", sealed(vector), counting{"model@1", 4, 0}, ErrCacheFile},
		{"more entries announced", sealed(with(16, 3)), counting{"model@1", 4, 0}, ErrCacheFile},
		{"fewer entries announced", sealed(with(16, 1)), counting{"model@1", 4, 0}, ErrCacheFile},
		{"cut", whole[:len(whole)-1], counting{"model@1", 4, 0}, ErrCacheFile},
		{"cut in the header", whole[:10], counting{"model@1", 4, 0}, ErrCacheFile},
		{"empty", nil, counting{"model@1", 4, 0}, ErrCacheFile},
		{"something else", make([]byte, 1000), counting{"model@1", 4, 0}, ErrCacheFile},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cache")
			if err := os.WriteFile(path, tc.data, 0o600); err != nil {
				t.Fatal(err)
			}
			c := filled(t, &tc.e, 1<<20)
			if n, err := c.Load(path); !errors.Is(err, tc.want) || n != 0 || c.Bytes() != 0 {
				t.Errorf("%d texts, %d bytes, %v; want none and %v", n, c.Bytes(), err, tc.want)
			}
		})
	}
	if _, err := filled(t, &counting{"m", 4, 0}, 1<<20).Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// sealed gives a file the checksum of its content.
func sealed(file []byte) []byte {
	body := file[:len(file)-4]
	return binary.LittleEndian.AppendUint32(body[:len(body):len(body)], crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
}

// FuzzCacheFile seals what the fuzzer invents, so that it reaches the entries.
func FuzzCacheFile(f *testing.F) {
	for _, texts := range [][]string{nil, {"one"}, {"one", "another one"}} {
		data, err := os.ReadFile(savedFile(f, texts...))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) >= 4 {
			data = sealed(data)
		}
		entries, err := decodeCache(data, "model@1", 4, 1<<20)
		for _, e := range entries {
			if err != nil || len(e.vector) != 4 {
				t.Fatalf("%d numbers with error %v", len(e.vector), err)
			}
		}
	})
}
