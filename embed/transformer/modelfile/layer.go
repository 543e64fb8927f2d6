package modelfile

import (
	"fmt"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/vec/gemm"
)

// noNorm stands for the norm before a layer that follows something else.
const noNorm = -1

func walkLayer(shape *encoder.Shape, i int, s sections) (layer encoder.Layer, err error) {
	at := fmt.Sprintf("encoder.layer.%d.", i)
	hidden, inner := shape.Hidden, shape.Inner
	for _, linear := range []struct {
		to              **gemm.Weights
		inputs, outputs int
		after           int
		names           []string
	}{
		{&layer.QKV, hidden, hidden, 2 * i, []string{at + "attention.self.query", at + "attention.self.key", at + "attention.self.value"}},
		{&layer.Out, hidden, hidden, noNorm, []string{at + "attention.output.dense"}},
		{&layer.Up, hidden, inner, 2*i + 1, []string{at + "intermediate.dense"}},
		{&layer.Down, inner, hidden, noNorm, []string{at + "output.dense"}},
	} {
		if *linear.to, err = s.linear(linear.inputs, linear.outputs, linear.after, linear.names...); err != nil {
			return layer, err
		}
	}
	if layer.AttentionNorm, err = s.norm(2*i+1, at+"attention.output.LayerNorm", hidden); err != nil {
		return layer, err
	}
	layer.InnerNorm, err = s.norm(2*i+2, at+"output.LayerNorm", hidden)
	return layer, err
}
