package modelfile

import (
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/vec/gemm"
)

// Version is that of the form and of what is converted into it.
const Version = 2

// The form: magic, version and the length of the head in 4 bytes each, the head
// in JSON, the sections one after the other, the SHA-256 of all that. A section
// is what walk says; it begins at a multiple of align. Floats are little-endian.
const (
	magic     = "srtransf"
	version   = Version
	fixedHead = len(magic) + 4 + 4
	align     = 64
	mostHead  = 1 << 20
)

// head is what is known of a model beside its weights.
type head struct {
	Shape       encoder.Shape
	WordBits    int
	Pooling     encoder.Pooling
	MaxTokens   int
	QueryPrompt string `json:",omitempty"`
	// DocumentPrompt is the same for documents.
	DocumentPrompt string `json:",omitempty"`
	tokenizers
}

func aligned(at int) int { return (at + align - 1) / align * align }

// sections takes what walk comes by.
type sections interface {
	// norm is norm number i, from that of the embeddings on.
	norm(i int, name string, size int) (encoder.Norm, error)
	// positions are the rows of the positions with the token type's added.
	positions(rows, columns int) ([]float32, error)
	// words are the table of tokens.
	words(rows, columns int) (encoder.Words, error)
	// linear is a layer made of matrices of the same size, one under the other.
	// Its input comes from norm number after, or from none.
	linear(inputs, outputs, after int, names ...string) (*gemm.Weights, error)
}

// walk builds a model of a shape section by section, in the order of the file.
func walk(shape *encoder.Shape, pooling encoder.Pooling, s sections) (*encoder.Model, error) {
	m := &encoder.Model{Shape: *shape, Pooling: pooling}
	var err error
	if m.Words, err = s.words(shape.Vocabulary, shape.Hidden); err != nil {
		return nil, err
	}
	if m.Positions, err = s.positions(shape.Positions, shape.Hidden); err != nil {
		return nil, err
	}
	if m.Norm, err = s.norm(0, "embeddings.LayerNorm", shape.Hidden); err != nil {
		return nil, err
	}
	for i := range shape.Layers {
		layer, err := walkLayer(shape, i, s)
		if err != nil {
			return nil, err
		}
		m.Layers = append(m.Layers, layer)
	}
	return m, nil
}
