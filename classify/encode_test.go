package classify

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncodeRoundTrip(t *testing.T) {
	e := towns(9, 5, 16, 1)
	m := mustTrain(t, e, Config{})
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back Model
	if err := back.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	again, err := back.MarshalBinary()
	if err != nil || !cmp.Equal(data, again) {
		t.Errorf("other bytes after a round trip (%v)", err)
	}
	if diff := cmp.Diff(m.HeldOut(), back.HeldOut()); diff != "" {
		t.Error(diff)
	}
	for i, text := range e.Texts {
		a := decide(t, m, m.NewScratch(), &e, text, e.Vectors[i])
		b := decide(t, &back, back.NewScratch(), &e, text, e.Vectors[i])
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestAnOpenedFileDecidesLikeTheModel(t *testing.T) {
	e := towns(9, 5, 16, 1)
	m := mustTrain(t, e, Config{Key: "nine towns"})
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.model")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil { // it was read in place, and stays readable
		t.Fatal(err)
	}
	runtime.GC()
	if back.Key() != "nine towns" {
		t.Errorf("key %q, want that of training", back.Key())
	}
	for i, text := range e.Texts {
		a := decide(t, m, m.NewScratch(), &e, text, e.Vectors[i])
		b := decide(t, back, back.NewScratch(), &e, text, e.Vectors[i])
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestOpenSaysWhatIsWrongWithAFile(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"empty": "", "short": "semroute", "older": "semroute classify 2\n" + strings.Repeat("x", 100), "other": strings.Repeat("y", 1000),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if m, err := Open(path); !errors.Is(err, ErrCorrupt) || m != nil {
			t.Errorf("%s: got %v, %v; want %v", name, m, err, ErrCorrupt)
		}
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestDecodeNoticesEveryFlippedByte(t *testing.T) {
	data, err := mustTrain(t, towns(3, 2, 4, 1), Config{}).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(data); i += 1 + len(data)/500 {
		broken := append([]byte(nil), data...)
		broken[i] ^= 0x10
		if err := new(Model).UnmarshalBinary(broken); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d: got %v, want %v", i, err, ErrCorrupt)
		}
		if err := new(Model).UnmarshalBinary(data[:i]); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut at %d: got %v, want %v", i, err, ErrCorrupt)
		}
	}
}

// FuzzDecode seals what the fuzzer invents with a right checksum, so that it
// reaches the fields.
func FuzzDecode(f *testing.F) {
	data, err := mustTrain(f, towns(3, 2, 4, 1), Config{}).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[len(magic) : len(data)-4])
	f.Fuzz(func(_ *testing.T, body []byte) {
		w := writer{b: append([]byte(magic), body...)}
		w.number(int(int32(checksum(w.b))))
		var m Model
		if m.UnmarshalBinary(w.b) != nil {
			return
		}
		s := m.NewScratch()
		if _, err := m.Score(s, "any text", make([]float32, m.Dimension())); err == nil {
			m.Confidence(s, []Neighbour{{0, 1}})
		}
	})
}
