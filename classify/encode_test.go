package classify

import (
	"errors"
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
