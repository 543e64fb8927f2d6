package modelfile_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
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

// cosine is that of a converted model's vector with the one that float64 gives.
func cosine(t *testing.T, source *tinymodel.Model, data []byte) float64 {
	t.Helper()
	file, err := modelfile.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	ids := []uint32{2, 8, 9, 10, 11, 12, 20, 14, 3}
	dst := make([]float32, source.Shape.Hidden)
	var w encoder.Workspace
	if err := file.Model.Encode(t.Context(), dst, &encoder.Texts{IDs: ids, Ends: []int{len(ids)}}, &w); err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i, want := range source.Reference(ids) {
		sum += want * float64(dst[i])
	}
	return sum
}

// TestTokensInFourBits are half the size and nearly as good.
func TestTokensInFourBits(t *testing.T) {
	model := tinymodel.New(encoder.Mean)
	eight, four := model.Convert(t), model.ConvertIn(t, 4)
	table := model.Shape.Vocabulary * model.Shape.Hidden
	if saved := len(eight) - len(four); saved < table/2-table/encoder.WordGroup-128 {
		t.Errorf("%d bytes less for a table of %d", saved, table)
	}
	if got := cosine(t, model, four); got < .98 {
		t.Errorf("cosine %v to the model's own vector", got)
	}
}

// TestColumnsThatStickOutLeaveBitsToTheOthers: with columns of activations forty
// times as large as the others, vectors are as near as ever.
func TestColumnsThatStickOutLeaveBitsToTheOthers(t *testing.T) {
	model := tinymodel.New(encoder.Mean)
	for name, tensor := range model.Tensors {
		if strings.HasSuffix(name, "LayerNorm.weight") {
			tensor.Values[7] *= 40
		}
		if strings.HasSuffix(name, ".query.weight") || strings.HasSuffix(name, "intermediate.dense.weight") {
			for at := 7; at < len(tensor.Values); at += model.Shape.Hidden {
				tensor.Values[at] /= 40
			}
		}
	}
	data := model.Convert(t)
	if got := cosine(t, model, data); got < .999 {
		t.Errorf("cosine %v to the model's own vector", got)
	}
	file, err := modelfile.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if f := file.Model.Layers[0].AttentionNorm.Factors; f[7] < 8*f[6] {
		t.Errorf("factors %v: the one of column 7 does not stick out", f)
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
	four := tinymodel.New(encoder.CLS).ConvertIn(f, 4)
	f.Add(four[:len(four)-sha256.Size])
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
