package encoder_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/modelfile"
	"github.com/semroute/semroute/embed/transformer/tinymodel"
)

// open makes the tiny model and gives it in both forms.
func open(t testing.TB, pooling encoder.Pooling) (*tinymodel.Model, *encoder.Model) {
	t.Helper()
	source := tinymodel.New(pooling)
	file, err := modelfile.Parse(source.Convert(t))
	if err != nil {
		t.Fatal(err)
	}
	return source, file.Model
}

func texts(lists ...[]uint32) *encoder.Texts {
	var t encoder.Texts
	for _, ids := range lists {
		t.IDs = append(t.IDs, ids...)
		t.Ends = append(t.Ends, len(t.IDs))
	}
	return &t
}

var lists = [][]uint32{{2, 7, 3}, {2, 8, 9, 10, 11, 12, 13, 14, 3}, {2, 3}, {2, 20, 20, 20, 6, 5, 3}}

// TestAgainstReference compares with the plain arithmetic of float64 on the
// weights as they were before they were quantised.
func TestAgainstReference(t *testing.T) {
	for _, pooling := range []encoder.Pooling{encoder.Mean, encoder.CLS} {
		source, model := open(t, pooling)
		size := model.Shape.Hidden
		dst := make([]float32, len(lists)*size)
		var w encoder.Workspace
		if err := model.Encode(t.Context(), dst, texts(lists...), &w); err != nil {
			t.Fatal(err)
		}
		for i, ids := range lists {
			want := source.Reference(ids)
			var cosine float64
			for j, v := range dst[i*size : (i+1)*size] {
				cosine += float64(v) * want[j]
			}
			if !(cosine > 0.999) {
				t.Errorf("%s, text %d: cosine %v", pooling, i, cosine)
			}
		}
	}
}

// TestAloneOrBesideOthers: a vector is the same to the bit whatever else is in
// the pass, and whatever was in the workspace.
func TestAloneOrBesideOthers(t *testing.T) {
	for _, pooling := range []encoder.Pooling{encoder.Mean, encoder.CLS} {
		_, model := open(t, pooling)
		size := model.Shape.Hidden
		all := make([]float32, len(lists)*size)
		var w encoder.Workspace
		if err := model.Encode(t.Context(), all, texts(lists...), &w); err != nil {
			t.Fatal(err)
		}
		for i, ids := range lists {
			one := make([]float32, size)
			if err := model.Encode(t.Context(), one, texts(ids), &w); err != nil {
				t.Fatal(err)
			}
			for j := range one {
				if math.Float32bits(one[j]) != math.Float32bits(all[i*size+j]) {
					t.Fatalf("%s, text %d, element %d: %v alone, %v beside others", pooling, i, j, one[j], all[i*size+j])
				}
			}
		}
	}
}

// TestEndsBetweenLayers: the context is looked at before each layer.
func TestEndsBetweenLayers(t *testing.T) {
	_, model := open(t, encoder.Mean)
	dst := make([]float32, model.Shape.Hidden)
	for layer := range model.Shape.Layers {
		ctx := &endsAt{Context: t.Context(), left: layer}
		var w encoder.Workspace
		if err := model.Encode(ctx, dst, texts(lists[0]), &w); !errors.Is(err, context.Canceled) {
			t.Errorf("ended before layer %d: %v", layer, err)
		}
	}
}

// endsAt is a context that has ended when it was asked left times.
type endsAt struct {
	context.Context
	left int
}

func (c *endsAt) Err() error {
	if c.left == 0 {
		return context.Canceled
	}
	c.left--
	return nil
}

func TestVectorsWithoutDirection(t *testing.T) {
	_, model := open(t, encoder.Mean)
	last := &model.Layers[len(model.Layers)-1].InnerNorm
	last.Gamma, last.Beta = make([]float32, model.Shape.Hidden), make([]float32, model.Shape.Hidden)
	var w encoder.Workspace
	if err := model.Encode(t.Context(), make([]float32, model.Shape.Hidden), texts(lists[0]), &w); err == nil {
		t.Error("a vector of zeros is no error")
	}
}

func TestShapes(t *testing.T) {
	good := tinymodel.New(encoder.Mean).Shape
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*encoder.Shape){
		"no layers":         func(s *encoder.Shape) { s.Layers = 0 },
		"negative":          func(s *encoder.Shape) { s.Vocabulary = -1 },
		"huge":              func(s *encoder.Shape) { s.Inner = 1 << 40 },
		"odd hidden":        func(s *encoder.Shape) { s.Hidden = 33 },
		"odd inner":         func(s *encoder.Shape) { s.Inner = 33 },
		"heads do not fit":  func(s *encoder.Shape) { s.Heads = 3 },
		"narrow heads":      func(s *encoder.Shape) { s.Heads = 8 },
		"no epsilon":        func(s *encoder.Shape) { s.Epsilon = 0 },
		"epsilon no number": func(s *encoder.Shape) { s.Epsilon = float32(math.NaN()) },
	} {
		bad := good
		spoil(&bad)
		if err := bad.Check(); !errors.Is(err, encoder.ErrShape) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	_, model := open(t, encoder.CLS)
	dst, all := make([]float32, len(lists)*model.Shape.Hidden), texts(lists...)
	var w encoder.Workspace
	if n := testing.AllocsPerRun(5, func() {
		if err := model.Encode(t.Context(), dst, all, &w); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
