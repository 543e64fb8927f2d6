package memory

import "slices"

// topScores knows the k highest of the values it was given. The zero value needs
// a reset.
type topScores struct {
	k    int
	heap []float32 // lowest first
}

func (f *topScores) reset(k int) { f.k, f.heap = k, f.heap[:0] }

// threshold is the k-th highest value, or minus infinity while there are fewer.
func (f *topScores) threshold() float32 {
	if len(f.heap) < f.k {
		return excluded()
	}
	return f.heap[0]
}

// full tells whether there were k values.
func (f *topScores) full() bool { return len(f.heap) == f.k }

// add notes a value and says whether there is a new lowest one of k.
func (f *topScores) add(v float32) bool {
	if len(f.heap) < f.k {
		f.heap = append(f.heap, v)
		for i := len(f.heap) - 1; i > 0 && f.heap[i] < f.heap[(i-1)/2]; i = (i - 1) / 2 {
			f.heap[i], f.heap[(i-1)/2] = f.heap[(i-1)/2], f.heap[i]
		}
		return len(f.heap) == f.k
	}
	if v <= f.heap[0] {
		return false
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(f.heap) {
			break
		}
		if child+1 < len(f.heap) && f.heap[child+1] < f.heap[child] {
			child++
		}
		if v <= f.heap[child] {
			break
		}
		f.heap[i] = f.heap[child]
		i = child
	}
	f.heap[i] = v
	return true
}

// hit is a row and its similarity to the query.
type hit struct {
	similarity float32
	row        int32
}

// topHits keeps the k best hits. The zero value needs a reset.
type topHits struct {
	state *state // orders equal similarities
	k     int
	items []hit // a heap with the worst first; best first after sort
}

func (r *topHits) reset(st *state, k int) { r.state, r.k, r.items = st, k, r.items[:0] }

// compare orders the better hit first.
func (r *topHits) compare(a, b hit) int {
	switch {
	case a.similarity > b.similarity:
		return -1
	case a.similarity < b.similarity:
		return 1
	default:
		return r.state.compareRows(a.row, b.row)
	}
}

// worst is the similarity that the next hit has to reach.
func (r *topHits) worst() float32 {
	if len(r.items) < r.k {
		return excluded()
	}
	return r.items[0].similarity
}

func (r *topHits) add(h hit) {
	if len(r.items) < r.k {
		r.items = append(r.items, h)
		for i := len(r.items) - 1; i > 0 && r.compare(r.items[i], r.items[(i-1)/2]) > 0; i = (i - 1) / 2 {
			r.items[i], r.items[(i-1)/2] = r.items[(i-1)/2], r.items[i]
		}
		return
	}
	if r.compare(h, r.items[0]) >= 0 {
		return
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(r.items) {
			break
		}
		if child+1 < len(r.items) && r.compare(r.items[child+1], r.items[child]) > 0 {
			child++
		}
		if r.compare(h, r.items[child]) >= 0 {
			break
		}
		r.items[i] = r.items[child]
		i = child
	}
	r.items[i] = h
}

func (r *topHits) sort() {
	slices.SortFunc(r.items, r.compare)
	r.state = nil // a pooled scratch must not hold on to a state
}
