package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompiledTableIsWhole(t *testing.T) {
	table, err := ParseTable(compiledTable)
	if err != nil {
		t.Fatal(err)
	}
	if len(compiledTable) > 12<<20 {
		t.Errorf("%d bytes; 12 MB are allowed", len(compiledTable))
	}
	p := table.Provenance()
	if p.Teacher == "" || p.TeacherDigest == "" || p.Command == "" || p.Date == "" || p.License != "Apache-2.0" {
		t.Errorf("provenance %+v", p)
	}
	if got := "static:" + table.Fingerprint(); got != mustNew(t, Config{}).Fingerprint() {
		t.Errorf("fingerprint %s", got)
	}
}

func TestBuildGivesBackWhatWentIn(t *testing.T) {
	source := smallSource()
	data, err := Build(source)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Build(smallSource())
	if err != nil || !bytes.Equal(data, again) {
		t.Fatalf("the same source gave other bytes: %v", err)
	}
	path := filepath.Join(t.TempDir(), "small.srt")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := OpenTable(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(source.Provenance, table.Provenance()); diff != "" || table.Dimension() != 2 {
		t.Errorf("dimension %d, provenance (-want +got):\n%s", table.Dimension(), diff)
	}
	for i, want := range source.Vectors {
		row, scale, ok := table.entry(i)
		if ok != (want != nil) {
			t.Errorf("entry %d: %v", i, ok)
			continue
		}
		for k, x := range want {
			if got := scale * float32(int8(row[k])); math.Abs(float64(got-x)) > math.Abs(float64(scale)) {
				t.Errorf("entry %d element %d: %v, want %v", i, k, got, x)
			}
		}
	}
}

func TestBuildRefusesSourcesThatDoNotFit(t *testing.T) {
	for name, change := range map[string]func(*Source){
		"a vector too few":      func(s *Source) { s.Vectors = s.Vectors[1:] },
		"another length":        func(s *Source) { s.Vectors[1] = []float32{1} },
		"not a number":          func(s *Source) { s.Vectors[1] = []float32{1, float32(math.NaN())} },
		"infinite":              func(s *Source) { s.Vectors[1] = []float32{1, float32(math.Inf(1))} },
		"no vectors":            func(s *Source) { s.Vectors = make([][]float32, len(s.Vectors)) },
		"[UNK] zero":            func(s *Source) { s.Vectors[0] = []float32{0, 0} },
		"[UNK] without":         func(s *Source) { s.Vectors[0] = nil },
		"no [UNK]":              func(s *Source) { s.Pieces[0] = "x" },
		"a word twice":          func(s *Source) { s.Pieces[1] = "car" },
		"a pair of unknown ids": func(s *Source) { s.Pairs[0][1] = 99 },
	} {
		source := smallSource()
		change(&source)
		if _, err := Build(source); !errors.Is(err, ErrSource) && !errors.Is(err, ErrVocabulary) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedTablesAreNamed(t *testing.T) {
	good, err := Build(smallSource())
	if err != nil {
		t.Fatal(err)
	}
	number := func(at int, value uint32) func([]byte) []byte {
		return func(b []byte) []byte { binary.LittleEndian.PutUint32(b[at:], value); return b }
	}
	for name, c := range map[string]struct {
		damage func([]byte) []byte
		signed bool // the checksum is made right again
		want   error
	}{
		"empty":           {func([]byte) []byte { return nil }, false, ErrNotTable},
		"something else":  {func([]byte) []byte { return []byte("PK\x03\x04 and more") }, false, ErrNotTable},
		"only the magic":  {func(b []byte) []byte { return b[:8] }, false, ErrTableCorrupt},
		"cut":             {func(b []byte) []byte { return b[:len(b)-1] }, false, ErrTableCorrupt},
		"too long":        {func(b []byte) []byte { return append(b, 0) }, false, ErrTableCorrupt},
		"a bit":           {func(b []byte) []byte { b[len(b)-40] ^= 1; return b }, false, ErrTableCorrupt},
		"version":         {number(8, 2), true, ErrTableVersion},
		"dimension 0":     {number(12, 0), true, ErrTableCorrupt},
		"huge dimension":  {number(12, math.MaxUint32), true, ErrTableCorrupt},
		"tokens":          {number(16, math.MaxUint32), true, ErrTableCorrupt},
		"pairs":           {number(20, 1<<31), true, ErrTableCorrupt},
		"rows":            {number(24, 1), true, ErrTableCorrupt},
		"text":            {number(28, 1), true, ErrTableCorrupt},
		"provenance":      {number(32, 0), true, ErrTableCorrupt},
		"reserved":        {number(60, 1), true, ErrTableCorrupt},
		"provenance json": {func(b []byte) []byte { b[headerBytes] = '!'; return b }, true, ErrTableCorrupt},
	} {
		data := c.damage(append([]byte(nil), good...))
		if c.signed {
			data = sign(data)
		}
		if _, err := ParseTable(data); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if _, err := OpenTable(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// sign makes the checksum of a table right.
func sign(data []byte) []byte {
	if len(data) < sha256.Size {
		return data
	}
	body := data[:len(data)-sha256.Size]
	sum := sha256.Sum256(body)
	return append(body, sum[:]...)
}

func FuzzParseTable(f *testing.F) {
	good, err := Build(smallSource())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:headerBytes+sha256.Size])
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := ParseTable(sign(append([]byte(nil), data...)))
		if err != nil {
			if !errors.Is(err, ErrNotTable) && !errors.Is(err, ErrTableVersion) && !errors.Is(err, ErrTableCorrupt) {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		vector, _ := mustNew(t, Config{Table: table}).AppendQuery(nil, "red car carpet unknown zebra")
		if n := length(vector); !(n > 0.999 && n < 1.001) {
			t.Fatalf("vector of length %v", n)
		}
	})
}
