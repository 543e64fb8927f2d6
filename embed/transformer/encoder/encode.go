package encoder

import (
	"context"
	"fmt"
	"slices"

	"github.com/semroute/semroute/internal/vec"
	"github.com/semroute/semroute/internal/vec/gemm"
	"github.com/semroute/semroute/internal/vec/nn"
)

// Texts are the token ids of some texts, one after the other: text i ends
// before Ends[i]. None is empty, nor longer than the model's Positions.
type Texts struct {
	IDs  []uint32
	Ends []int
}

// Reset leaves no text, and the memory.
func (t *Texts) Reset() { t.IDs, t.Ends = t.IDs[:0], t.Ends[:0] }

// Workspace is the memory of Encode, kept for the next call. The zero value is
// ready. One goroutine may use it at a time.
type Workspace struct {
	x, qkv, mixed, inner []float32
	activations          gemm.Activations
	attention            nn.Scratch
	peaks                [][]float32 // nil where nobody asks for them
}

// Encode stores the unit vectors of texts in dst, Hidden elements each. It
// gives up between two layers when ctx ends, and says when a vector has no
// direction, which only broken weights lead to. It panics where dst or an id does
// not fit the model.
func (m *Model) Encode(ctx context.Context, dst []float32, texts *Texts, w *Workspace) error {
	hidden := m.Shape.Hidden
	if len(dst) != len(texts.Ends)*hidden {
		panic(fmt.Sprintf("encoder: room for %d values for %d texts of %d", len(dst), len(texts.Ends), hidden))
	}
	m.lookUp(w, texts)
	before := &m.Norm // what the rows of x come from
	for i := range m.Layers {
		if err := ctx.Err(); err != nil {
			return err
		}
		l := &m.Layers[i]
		w.quantize(2*i, hidden)
		m.attend(w, l, texts)
		if i == len(m.Layers)-1 && m.Pooling == CLS {
			m.keepFirst(w, texts)
		}
		m.finish(w, i, before)
		before = &l.InnerNorm
	}
	m.pool(dst, w.x, texts.Ends)
	for i := range texts.Ends {
		if !vec.Normalize(dst[i*hidden : (i+1)*hidden]) {
			return fmt.Errorf("the vector of text %d has no direction", i)
		}
	}
	return nil
}

// lookUp begins with what the tables say of tokens and their positions.
func (m *Model) lookUp(w *Workspace, texts *Texts) {
	hidden := m.Shape.Hidden
	w.x = sized(w.x, len(texts.IDs)*hidden)
	first := 0
	for _, end := range texts.Ends {
		for t := first; t < end; t++ {
			row := w.x[t*hidden : (t+1)*hidden]
			copy(row, m.Positions[(t-first)*hidden:(t-first+1)*hidden])
			m.Words.addRow(row, int(texts.IDs[t]))
		}
		first = end
	}
	nn.LayerNorm(w.x, m.Norm.Gamma, m.Norm.Beta, m.Shape.Epsilon)
}

// attend leaves in mixed what the tokens of each text make of each other.
func (m *Model) attend(w *Workspace, l *Layer, texts *Texts) {
	hidden, heads := m.Shape.Hidden, m.Shape.Heads
	w.qkv, w.mixed = sized(w.qkv, 3*len(w.x)), sized(w.mixed, len(w.x))
	gemm.Multiply(w.qkv, &w.activations, l.QKV)
	first := 0
	for _, end := range texts.Ends {
		from, to := first*hidden, end*hidden
		nn.Attention(w.mixed[from:to], w.qkv[3*from:3*to], heads, hidden/heads, &w.attention)
		first = end
	}
}

// keepFirst goes on with the first token of each text alone: nobody asks for
// the others after the last attention when they are not pooled.
func (m *Model) keepFirst(w *Workspace, texts *Texts) {
	hidden := m.Shape.Hidden
	first := 0
	for i, end := range texts.Ends {
		copy(w.x[i*hidden:(i+1)*hidden], w.x[first*hidden:])
		copy(w.mixed[i*hidden:(i+1)*hidden], w.mixed[first*hidden:])
		first = end
	}
	kept := len(texts.Ends) * hidden
	w.x, w.mixed = w.x[:kept], w.mixed[:kept]
}

// finish is the rest of layer number i, each token by itself.
func (m *Model) finish(w *Workspace, i int, before *Norm) {
	hidden, inner, l := m.Shape.Hidden, m.Shape.Inner, &m.Layers[i]
	w.activations.Quantize(w.mixed, hidden)
	gemm.Multiply(w.mixed, &w.activations, l.Out)
	nn.AddLayerNorm(w.x, before.Factors, w.mixed, l.AttentionNorm.Gamma, l.AttentionNorm.Beta, m.Shape.Epsilon)
	w.inner = sized(w.inner, len(w.x)/hidden*inner)
	w.quantize(2*i+1, hidden)
	gemm.Multiply(w.inner, &w.activations, l.Up)
	nn.GELU(w.inner)
	w.activations.Quantize(w.inner, inner)
	gemm.Multiply(w.mixed, &w.activations, l.Down)
	nn.AddLayerNorm(w.x, l.AttentionNorm.Factors, w.mixed, l.InnerNorm.Gamma, l.InnerNorm.Beta, m.Shape.Epsilon)
}

// pool makes one vector of those of a text. With CLS only those are left.
func (m *Model) pool(dst, x []float32, ends []int) {
	if m.Pooling == CLS {
		copy(dst, x)
		return
	}
	hidden := m.Shape.Hidden
	clear(dst)
	first := 0
	for i, end := range ends {
		sum := dst[i*hidden : (i+1)*hidden]
		for ; first < end; first++ { // the length does not matter: sums are normalised
			for j, value := range x[first*hidden : (first+1)*hidden] {
				sum[j] += value
			}
		}
	}
}

func sized(s []float32, n int) []float32 { return slices.Grow(s[:0], n)[:n] }
