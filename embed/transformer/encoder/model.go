// Package encoder is the arithmetic of encoders of the BERT family with absolute
// positions: token ids → one unit vector a text.
//
// It promises the same vector to the bit on every processor and whatever other
// texts go through the layers with it; no work for padding, since the rows of
// all texts stand one after the other; and no allocations once a Workspace has
// seen its largest input. Linear layers are int8 with a scale per output channel
// and per token; everything between them is float32. It leaves tokens, prefixes
// and files to its callers.
package encoder

import (
	"errors"
	"fmt"

	"github.com/semroute/semroute/internal/vec/gemm"
)

// Norm are the weights of a layer norm, Hidden each. What it gives is divided by
// Factors, column by column, and the linear layer after it multiplied: so columns
// that stick out leave bits to the others. The residual connection takes them
// back.
type Norm struct{ Gamma, Beta, Factors []float32 }

// Layer is one layer of a model. QKV is query, key and value one after the other.
type Layer struct {
	QKV, Out, Up, Down       *gemm.Weights
	AttentionNorm, InnerNorm Norm
}

// Model is a model's weights, which may lie in mapped memory. It is to be left
// as it is once it is in use, and safe for concurrent use then.
type Model struct {
	Shape   Shape
	Pooling Pooling
	Words   Words
	// Positions are those of the positions, Positions × Hidden, with that of the
	// one token type added to each.
	Positions []float32
	Norm      Norm
	Layers    []Layer
}

// Check says what about the model does not fit together.
func (m *Model) Check() error {
	s := &m.Shape
	if err := errors.Join(s.Check(), m.Pooling.Check(), m.Words.check(s)); err != nil {
		return err
	}
	if len(m.Layers) != s.Layers || len(m.Positions) != s.Positions*s.Hidden || !m.Norm.has(s.Hidden) {
		return fmt.Errorf("%w: tables of another size", ErrShape)
	}
	for i, l := range m.Layers {
		if !fits(l.QKV, s.Hidden, 3*s.Hidden) || !fits(l.Out, s.Hidden, s.Hidden) || !fits(l.Up, s.Hidden, s.Inner) ||
			!fits(l.Down, s.Inner, s.Hidden) || !l.AttentionNorm.has(s.Hidden) || !l.InnerNorm.has(s.Hidden) {
			return fmt.Errorf("%w: layer %d has weights of another size", ErrShape, i)
		}
	}
	return nil
}

func (n *Norm) has(size int) bool {
	return len(n.Gamma) == size && len(n.Beta) == size && len(n.Factors) == size
}

func fits(w *gemm.Weights, inputs, outputs int) bool {
	return w != nil && w.Inputs() == inputs && w.Outputs() == outputs
}
