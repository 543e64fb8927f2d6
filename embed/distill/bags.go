package distill

import (
	"strings"

	"github.com/semroute/semroute/embed/static"
)

// bags is a sparse matrix: a row for each sentence, with a share for each of
// its tokens.
type bags struct {
	tokens []uint32 // of all sentences, one after the other
	starts []int    // where each sentence starts, and the end
	size   int      // how many tokens there are to choose from
}

func newBags(sentences [][]uint32, size int) bags {
	b := bags{starts: []int{0}, size: size}
	for _, ids := range sentences {
		b.tokens = append(b.tokens, ids...)
		b.starts = append(b.starts, len(b.tokens))
	}
	return b
}

func (b bags) sentence(s int) []uint32 { return b.tokens[b.starts[s]:b.starts[s+1]] }

// meanAt is element k of the mean of a sentence's tokens.
func (b bags) meanAt(s, k int, tokens [][]float64) float64 {
	ids, sum := b.sentence(s), 0.0
	for _, id := range ids {
		sum += tokens[id][k]
	}
	return sum / float64(len(ids))
}

// apply is the matrix times x, a mean for each sentence.
func (b bags) apply(out, x []float64) {
	for s := range out {
		ids, sum := b.sentence(s), 0.0
		for _, id := range ids {
			sum += x[id]
		}
		out[s] = sum / float64(len(ids))
	}
}

// applyTransposed is the transposed matrix times y, a sum for each token.
func (b bags) applyTransposed(out, y []float64) {
	clear(out)
	for s, value := range y {
		ids := b.sentence(s)
		share := value / float64(len(ids))
		for _, id := range ids {
			out[id] += share
		}
	}
}

// diagonal is the diagonal of AᵀA + trust.
func (b bags) diagonal() []float64 {
	diagonal := make([]float64, b.size)
	for i := range diagonal {
		diagonal[i] = trust
	}
	for s := range len(b.starts) - 1 {
		ids := b.sentence(s)
		share := 1 / float64(len(ids))
		for _, id := range ids {
			diagonal[id] += share * share // a little less than it is for a token that stands twice
		}
	}
	return diagonal
}

// solve finds x of the least |Ax - y|² + trust·|x|² by conjugate gradients on
// the normal equations, preconditioned by their diagonal, because tokens
// differ in frequency by orders of magnitude.
func (b bags) solve(y, diagonal []float64) []float64 {
	x, residual := make([]float64, b.size), make([]float64, b.size)
	b.applyTransposed(residual, y)
	scaled := make([]float64, b.size)
	divide(scaled, residual, diagonal)
	direction := append([]float64(nil), scaled...)
	product, through := make([]float64, b.size), make([]float64, len(y))
	size := dot(residual, scaled)
	for range steps {
		if size == 0 {
			break
		}
		b.apply(through, direction)
		b.applyTransposed(product, through)
		for i := range product {
			product[i] += trust * direction[i]
		}
		length := size / dot(direction, product)
		for i := range x {
			x[i] += length * direction[i]
			residual[i] -= length * product[i]
		}
		divide(scaled, residual, diagonal)
		next := dot(residual, scaled)
		for i := range direction {
			direction[i] = scaled[i] + next/size*direction[i]
		}
		size = next
	}
	return x
}

func divide(out, a, b []float64) {
	for i := range out {
		out[i] = a[i] / b[i]
	}
}

func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

// wordIDs are the ids of the words beside the WordPiece vocabulary.
func wordIDs(config Config) map[string]uint32 {
	ids := make(map[string]uint32, len(config.Words))
	for i, word := range config.Words {
		ids[word] = uint32(len(config.Pieces) + i) //nolint:gosec // far below 2^32
	}
	return ids
}

// sentence is the tokens of a text that have a vector, as the embedder will
// see them.
func sentence(tokenizer *static.Tokenizer, words map[string]uint32, text string, tokens [][]float64) []uint32 {
	var ids, kept []uint32
	for _, word := range strings.Fields(strings.ToLower(text)) {
		if id, ok := words[word]; ok {
			ids = append(ids, id)
			continue
		}
		ids = tokenizer.Append(ids, word)
	}
	for _, id := range ids {
		if tokens[id] != nil && tokenizer.Piece(id) != unknownPiece {
			kept = append(kept, id)
		}
	}
	return kept
}
