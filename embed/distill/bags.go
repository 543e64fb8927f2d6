package distill

// bags is a sparse matrix: a row for each sentence with its entries, which are
// tokens and pairs, each with the share that one token has of the sentence.
type bags struct {
	entries []uint32 // of all sentences, one after the other
	starts  []int    // where each sentence starts, and the end
	shares  []float64
	size    int // how many entries there are to choose from
}

func newBags(sentences [][]uint32, pairs pairList, size int) bags {
	b := bags{starts: []int{0}, size: size}
	for _, ids := range sentences {
		b.entries = append(b.entries, ids...)
		for i := 1; i < len(ids); i++ {
			if entry, ok := pairs.entries[[2]uint32{ids[i-1], ids[i]}]; ok {
				b.entries = append(b.entries, entry)
			}
		}
		b.starts = append(b.starts, len(b.entries))
		b.shares = append(b.shares, 1/float64(len(ids)))
	}
	return b
}

func (b bags) sentence(s int) []uint32 { return b.entries[b.starts[s]:b.starts[s+1]] }

// meanAt is element k of the mean of a sentence.
func (b bags) meanAt(s, k int, vectors [][]float64) (sum float64) {
	for _, id := range b.sentence(s) {
		sum += vectors[id][k]
	}
	return sum * b.shares[s]
}

// apply is the matrix times x, a mean for each sentence.
func (b bags) apply(out, x []float64) {
	for s, share := range b.shares {
		sum := 0.0
		for _, id := range b.sentence(s) {
			sum += x[id]
		}
		out[s] = sum * share
	}
}

// applyTransposed is the transposed matrix times y, a sum for each entry.
func (b bags) applyTransposed(out, y []float64) {
	clear(out)
	for s, share := range b.shares {
		part := y[s] * share
		for _, id := range b.sentence(s) {
			out[id] += part
		}
	}
}

// diagonal is about the diagonal of AᵀA + trust; an entry that stands twice in
// a sentence is counted as if it stood in two.
func (b bags) diagonal() []float64 {
	diagonal := make([]float64, b.size)
	for i := range diagonal {
		diagonal[i] = trust
	}
	for s, share := range b.shares {
		for _, id := range b.sentence(s) {
			diagonal[id] += share * share
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
