package nn

import (
	"fmt"
	"math"
	"slices"
)

// tile is how many rows of queries are scored at a time: what their scores take
// stays in the first-level cache.
const tile = 12

// Scratch is the memory of Attention, kept for the next prompt. The zero value
// is ready. One goroutine may use it at a time.
type Scratch struct {
	// keys are the keys of a head, a column per token: width × padded.
	keys []float32
	// scores are those of a tile of queries, a row per query: tile × padded.
	scores []float32
}

// Attention stores in dst, tokens × heads·width, the scaled dot-product
// attention of one prompt in which every token sees every other:
// softmax(q·kᵀ/√width)·v for each head. A row of qkv is the token's query, key
// and value for all heads, one after the other: 3·heads·width values. Width is a
// multiple of Lanes. It panics when lengths do not fit.
func Attention(dst, qkv []float32, heads, width int, s *Scratch) {
	hidden := heads * width
	if width <= 0 || width%Lanes != 0 || hidden <= 0 || len(dst)%hidden != 0 || len(qkv) != 3*len(dst) {
		panic(fmt.Sprintf("nn: attention of %d and %d values in %d heads of %d", len(dst), len(qkv), heads, width))
	}
	tokens := len(dst) / hidden
	if tokens == 0 {
		return
	}
	padded := (tokens + Lanes - 1) / Lanes * Lanes
	s.keys = slices.Grow(s.keys[:0], width*padded)[:width*padded]
	s.scores = slices.Grow(s.scores[:0], tile*padded)[:tile*padded]
	clear(s.keys)
	for h := range heads {
		q, k, v := qkv[h*width:], qkv[hidden+h*width:], qkv[2*hidden+h*width:]
		transpose(s.keys, padded, k, 3*hidden, tokens, width)
		for first := 0; first < tokens; first += tile {
			rows := min(tile, tokens-first)
			attend(matrix{dst[first*hidden+h*width:], hidden}, matrix{q[first*3*hidden:], 3 * hidden},
				matrix{s.keys, padded}, matrix{v, 3 * hidden}, matrix{s.scores, padded}, rows, tokens, width)
		}
	}
}

// matrix is row-major: row i begins at i × stride.
type matrix struct {
	at     []float32
	stride int
}

// attend is the attention of a few queries of one head.
func attend(dst, q, keys, v, scores matrix, rows, tokens, width int) {
	var scales [tile]float32
	for i := range scales {
		scales[i] = float32(1 / math.Sqrt(float64(width)))
	}
	product(scores, q, keys, rows, width, keys.stride, &scales)
	softmax(scores, rows, tokens, &scales)
	product(dst, scores, v, rows, tokens, width, &scales)
}

// transpose stores the rows of k, tokens × width, as columns of dst.
func transpose(dst []float32, padded int, k []float32, stride, tokens, width int) {
	for t := range tokens {
		row := k[t*stride:][:width]
		for i, x := range row {
			dst[i*padded+t] = x
		}
	}
}
