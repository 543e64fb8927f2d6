package classify

import "math"

// The weight of a block in the squared length of an example: the vector counts
// 1, the words 1 and the characters 0.7 squared, times the n-gram scale that
// cross-validation chose.
const (
	wordWeight = 1.0
	charWeight = 0.7
	biasValue  = 0.3
)

// featureBuffer turns texts into sparse features. It is reused and belongs to
// one goroutine.
type featureBuffer struct {
	grams  gramBuffer
	counts []uint8   // by id; all 0 between calls
	ids    []uint32  // of the features found
	vals   []float32 // beside them
}

// read finds the features of text in v: (1 + ln count) × idf (Salton and
// Buckley 1988), each block of unit length times its weight. Unknown n-grams
// are left out. The result is b.ids and b.vals until the next call.
func (b *featureBuffer) read(v *vocabulary, text string) {
	if len(b.counts) < len(v.hashes) {
		b.counts = make([]uint8, len(v.hashes))
	}
	b.ids, b.vals = b.ids[:0], b.vals[:0]
	b.grams.read(text)
	for block, weight := range [blocks]float32{wordWeight, charWeight} {
		b.readBlock(v, b.grams.hashes[block], weight)
	}
}

func (b *featureBuffer) readBlock(v *vocabulary, hashes []uint64, weight float32) {
	start := len(b.ids)
	for _, h := range hashes {
		id, ok := v.find(h)
		if !ok {
			continue
		}
		if b.counts[id] == 0 {
			b.ids = append(b.ids, id)
		}
		if int(b.counts[id]) < len(v.gain)-1 {
			b.counts[id]++
		}
	}
	var square float32
	for _, id := range b.ids[start:] {
		x := v.idf[id] * v.gain[b.counts[id]]
		b.counts[id] = 0
		b.vals = append(b.vals, x)
		square += x * x
	}
	if square > 0 {
		weight /= float32(math.Sqrt(float64(square)))
	}
	for i := start; i < len(b.vals); i++ {
		b.vals[i] *= weight
	}
}

// nothingLeft is the squared length below which a vector is the mean itself.
const nothingLeft = 1e-12

// center stores in dst the unit vector of v - mean: what all prompts share says
// nothing about a route. A vector equal to the mean gives zero.
func center(dst, v, mean []float32) {
	var square float32
	for i, x := range v {
		d := x - mean[i]
		dst[i] = d
		square += d * d
	}
	if square < nothingLeft {
		clear(dst)
		return
	}
	scale := 1 / float32(math.Sqrt(float64(square)))
	for i := range dst {
		dst[i] *= scale
	}
}

// meanOf returns the mean of vectors, summed in float64.
func meanOf(vectors [][]float32) []float32 {
	sum := make([]float64, len(vectors[0]))
	for _, v := range vectors {
		for i, x := range v {
			sum[i] += float64(x)
		}
	}
	mean := make([]float32, len(sum))
	for i, s := range sum {
		mean[i] = float32(s / float64(len(vectors)))
	}
	return mean
}
