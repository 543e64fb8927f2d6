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
	// keys and values are those of a head in panels, as product wants them: a key
	// is a column of width × padded, a value a row of tokens × width.
	keys, values []float32
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
	s.keys, s.values = grown(s.keys, width*padded), grown(s.values, tokens*width)
	s.scores = grown(s.scores, tile*padded)
	clear(s.keys)
	for h := range heads {
		q, k, v := qkv[h*width:], qkv[hidden+h*width:], qkv[2*hidden+h*width:]
		packKeys(s.keys, matrix{k, 3 * hidden}, tokens, width)
		packValues(s.values, matrix{v, 3 * hidden}, tokens, width)
		for first := 0; first < tokens; first += tile {
			s.attend(matrix{dst[first*hidden+h*width:], hidden}, matrix{q[first*3*hidden:], 3 * hidden},
				min(tile, tokens-first), tokens, width)
		}
	}
}

func grown(s []float32, n int) []float32 { return slices.Grow(s[:0], n)[:n] }

// matrix is row-major: row i begins at i × stride.
type matrix struct {
	at     []float32
	stride int
}

// attend is the attention of a few queries of one head.
func (s *Scratch) attend(dst, q matrix, rows, tokens, width int) {
	scores := matrix{s.scores, len(s.scores) / tile}
	var scales [tile]float32
	for i := range scales {
		scales[i] = float32(1 / math.Sqrt(float64(width)))
	}
	product(scores, q, s.keys, rows, width, scores.stride, &scales)
	softmax(scores, rows, tokens, &scales)
	product(dst, scores, s.values, rows, tokens, width, &scales)
}

// packKeys stores the rows of k as columns, in panels of 16.
func packKeys(dst []float32, k matrix, tokens, width int) {
	for t := range tokens {
		panel := dst[t/Lanes*Lanes*width+t%Lanes:]
		for i, x := range k.at[t*k.stride:][:width] {
			panel[i*Lanes] = x
		}
	}
}

// packValues stores v in panels of 16 columns.
func packValues(dst []float32, v matrix, tokens, width int) {
	for t := range tokens {
		row := v.at[t*v.stride:][:width]
		for c := 0; c < width; c += Lanes {
			copy(dst[c*tokens+t*Lanes:][:Lanes], row[c:])
		}
	}
}
