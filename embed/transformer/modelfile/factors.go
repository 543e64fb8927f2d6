package modelfile

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/vec/gemm"
)

// factors are those of a model's norms (see encoder.Norm): after SmoothQuant
// (https://arxiv.org/abs/2211.10438), what a column of activations reaches and what
// a column of weights reaches share the loss. It looks at how far random tokens
// drive the converted model: real texts give the same to within a step.
func factors(c *checkpoint.Checkpoint, plain []byte) ([][]float32, error) {
	file, err := Parse(plain)
	if err != nil {
		return nil, err
	}
	peaks, err := file.Model.Peaks(context.Background(), randomTexts(file))
	if err == nil {
		for _, row := range peaks {
			err = errors.Join(err, finite("activations", row))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: its weights give random tokens no vectors: %w", checkpoint.ErrCheckpoint, err)
	}
	f := &follower{from: c, peaks: peaks}
	_, err = walk(&c.Shape, c.Pooling, f)
	return f.peaks, err
}

// follower makes factors of peaks where a linear layer follows a norm; it
// implements sections.
type follower struct {
	from  *checkpoint.Checkpoint
	peaks [][]float32
}

func (f *follower) linear(inputs, outputs, after int, names ...string) (*gemm.Weights, error) {
	if after == noNorm {
		return nil, nil
	}
	weights := make([]float32, inputs)
	for _, name := range names {
		values, err := f.from.Matrix(name+".weight", outputs, inputs)
		if err != nil {
			return nil, err
		}
		for i, v := range values {
			weights[i%inputs] = max(weights[i%inputs], v, -v)
		}
	}
	balance(f.peaks[after], weights)
	return nil, nil
}

func (f *follower) norm(int, string, int) (n encoder.Norm, err error) { return n, nil }
func (f *follower) positions(int, int) ([]float32, error)             { return nil, nil }
func (f *follower) words(int, int) (w encoder.Words, err error)       { return w, nil }

// share is how much of a column's magnitude goes to the weights.
const share = .65

// perOctave is how finely factors are rounded, so that the last bits of logarithms,
// which differ among processors, make no other file.
const perOctave = 4

// balance replaces the peaks of activations by what divides them, in proportion to
// each other.
func balance(peaks, weights []float32) {
	const floor = 1e-5 // of columns that nothing reaches
	logs := make([]float64, len(peaks))
	var mean float64
	for i := range logs {
		a, w := max(float64(peaks[i]), floor), max(float64(weights[i]), floor)
		logs[i] = share*math.Log2(a) - (1-share)*math.Log2(w)
		mean += logs[i] / float64(len(logs))
	}
	for i, log := range logs {
		peaks[i] = float32(math.Exp2(math.Round(perOctave*(log-mean)) / perOctave))
	}
}

// Random texts to look at: few, as columns stick out in all texts or in none.
const (
	randomCount  = 32
	randomTokens = 14
)

func randomTexts(f *File) *encoder.Texts {
	r := rand.New(rand.NewPCG(1, 1))
	var texts encoder.Texts
	for range randomCount {
		texts.IDs = append(texts.IDs, f.Tokenizer.First())
		for range min(randomTokens, f.MaxTokens-2) {
			texts.IDs = append(texts.IDs, uint32(r.IntN(f.Model.Shape.Vocabulary)))
		}
		texts.IDs = append(texts.IDs, f.Tokenizer.Last())
		texts.Ends = append(texts.Ends, len(texts.IDs))
	}
	return &texts
}
