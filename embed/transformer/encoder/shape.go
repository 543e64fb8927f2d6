package encoder

import (
	"errors"
	"fmt"

	"github.com/semroute/semroute/internal/vec/gemm"
	"github.com/semroute/semroute/internal/vec/nn"
)

// ErrShape is what errors about sizes wrap: contradictory, or more than this
// encoder does.
var ErrShape = errors.New("unsupported shape")

// Shape is how large a model is.
type Shape struct {
	Layers, Hidden, Heads, Inner int
	// Positions is how many tokens a text has at most, Vocabulary how many
	// different ones there are.
	Positions, Vocabulary int
	Epsilon               float32 // of the layer norms
}

// Bounds of a Shape, far above every known encoder; they keep the arithmetic of
// sizes within an int.
const (
	mostLayers     = 256
	mostHidden     = 1 << 14
	mostInner      = 1 << 16
	mostPositions  = 1 << 16
	mostVocabulary = 1 << 22
	mostEpsilon    = 1
)

// Check says what about s is not possible. The error is an ErrShape.
func (s *Shape) Check() error {
	for _, number := range []struct {
		name               string
		value, least, most int
	}{
		{"layers", s.Layers, 1, mostLayers},
		{"hidden size", s.Hidden, gemm.Step, mostHidden},
		{"attention heads", s.Heads, 1, mostHidden},
		{"inner size", s.Inner, gemm.Step, mostInner},
		{"positions", s.Positions, 3, mostPositions},
		{"vocabulary", s.Vocabulary, 3, mostVocabulary},
	} {
		if number.value < number.least || number.value > number.most {
			return fmt.Errorf("%w: %s: %d is not in %d to %d", ErrShape, number.name, number.value, number.least, number.most)
		}
	}
	switch {
	case s.Hidden%gemm.Step != 0 || s.Inner%gemm.Step != 0:
		return fmt.Errorf("%w: hidden size %d and inner size %d must be multiples of %d", ErrShape, s.Hidden, s.Inner, gemm.Step)
	case s.Hidden%s.Heads != 0 || s.Hidden/s.Heads%nn.Lanes != 0:
		return fmt.Errorf("%w: a hidden size of %d in %d heads; a head must be a multiple of %d wide", ErrShape, s.Hidden, s.Heads, nn.Lanes)
	case !(s.Epsilon > 0 && s.Epsilon < mostEpsilon):
		return fmt.Errorf("%w: layer norm epsilon: %v is not in 0 to %v", ErrShape, s.Epsilon, mostEpsilon)
	}
	return nil
}

// Pooling is how the vectors of a text's tokens become one.
type Pooling string

// Poolings: their mean, or that of the first token.
const (
	Mean Pooling = "mean"
	CLS  Pooling = "cls"
)

// Check says whether p is one of those.
func (p Pooling) Check() error {
	if p != Mean && p != CLS {
		return fmt.Errorf("%w: pooling %q; it is %q or %q", ErrShape, string(p), Mean, CLS)
	}
	return nil
}
