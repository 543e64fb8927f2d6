package modelfile_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/modelfile"
	"github.com/semroute/semroute/embed/transformer/tinymodel"
)

func TestSameModelSameBytes(t *testing.T) {
	a, b := tinymodel.New(encoder.Mean).Convert(t), tinymodel.New(encoder.Mean).Convert(t)
	if !bytes.Equal(a, b) {
		t.Fatal("converted twice, two files")
	}
	file, err := modelfile.Parse(a)
	if err != nil {
		t.Fatal(err)
	}
	other, err := modelfile.Parse(tinymodel.New(encoder.CLS).Convert(t))
	if err != nil || file.Digest == other.Digest {
		t.Fatalf("models of two poolings share a digest, %v", err)
	}
}

// TestDamage: a changed byte and a missing end are noticed wherever they are.
func TestDamage(t *testing.T) {
	data := tinymodel.New(encoder.CLS).Convert(t)
	for at := 0; at < len(data); at += 1 + at/50 {
		data[at] ^= 4
		if _, err := modelfile.Parse(data); !errors.Is(err, modelfile.ErrFile) {
			t.Errorf("byte %d changed: %v", at, err)
		}
		data[at] ^= 4
		if _, err := modelfile.Parse(data[:at]); !errors.Is(err, modelfile.ErrFile) {
			t.Errorf("cut at %d: %v", at, err)
		}
	}
	if _, err := modelfile.Parse(data); err != nil {
		t.Error(err)
	}
}

// FuzzParse: with a right checksum around whatever content, Parse gives a model
// that fits together or an ErrFile.
func FuzzParse(f *testing.F) {
	data := tinymodel.New(encoder.Mean).Convert(f)
	f.Add(data[:len(data)-sha256.Size])
	f.Add(data[:2000])
	f.Fuzz(func(t *testing.T, content []byte) {
		sum := sha256.Sum256(content)
		file, err := modelfile.Parse(append(bytes.Clone(content), sum[:]...))
		if err == nil {
			err = file.Model.Check()
		} else if errors.Is(err, modelfile.ErrFile) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}
