package modelfile

import (
	"fmt"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/vec/gemm"
)

func walkLayer(shape *encoder.Shape, i int, s sections) (layer encoder.Layer, err error) {
	at := fmt.Sprintf("encoder.layer.%d.", i)
	hidden, inner := shape.Hidden, shape.Inner
	for _, linear := range []struct {
		to              **gemm.Weights
		inputs, outputs int
		names           []string
	}{
		{&layer.QKV, hidden, hidden, []string{at + "attention.self.query", at + "attention.self.key", at + "attention.self.value"}},
		{&layer.Out, hidden, hidden, []string{at + "attention.output.dense"}},
		{&layer.Up, hidden, inner, []string{at + "intermediate.dense"}},
		{&layer.Down, inner, hidden, []string{at + "output.dense"}},
	} {
		if *linear.to, err = s.linear(linear.inputs, linear.outputs, linear.names...); err != nil {
			return layer, err
		}
	}
	if layer.AttentionNorm, err = norm(s, at+"attention.output.LayerNorm", hidden); err != nil {
		return layer, err
	}
	layer.InnerNorm, err = norm(s, at+"output.LayerNorm", hidden)
	return layer, err
}
