package projection

import (
	"cmp"
	"context"
	"slices"

	"github.com/semroute/semroute/internal/vec"
)

const (
	// blockRows rows, and as many queries, are compared while they stay in the cache.
	blockRows    = 512
	blockQueries = 64
)

// rows are vectors in 8 bits, row after row.
type rows struct {
	codes  []int8
	scales []float32
	dim, n int
}

func quantised(vectors [][]float32) *rows {
	r := &rows{n: len(vectors)}
	if r.n == 0 {
		return r
	}
	r.dim = len(vectors[0])
	r.codes, r.scales = make([]int8, r.n*r.dim), make([]float32, r.n)
	for i, v := range vectors {
		r.scales[i] = vec.QuantizeI8(r.row(i), v)
	}
	return r
}

func (r *rows) row(i int) []int8 { return r.codes[i*r.dim : (i+1)*r.dim] }

// similarity of two rows, a cosine.
func (r *rows) similarity(i, j int) float32 {
	return float32(vec.DotI8(r.row(i), r.row(j))) * r.scales[i] * r.scales[j]
}

// nearest are the n rows nearest to a vector.
func (r *rows) nearest(vector []float32, n int) []Neighbour {
	code := make([]int8, r.dim)
	scale := vec.QuantizeI8(code, vector)
	kept := shortlist{most: min(n, r.n)}
	sums, scores := make([]int32, min(r.n, blockRows)), make([]float32, min(r.n, blockRows))
	for from := 0; from < r.n; from += blockRows {
		r.offer(&kept, code, scale, -1, from, sums, scores)
	}
	return kept.sorted()
}

// nearestOfAll are the n rows nearest to each row, itself left out.
func (r *rows) nearestOfAll(ctx context.Context, n int) ([][]Neighbour, error) {
	all := make([][]Neighbour, r.n)
	sums, scores := make([]int32, min(r.n, blockRows)), make([]float32, min(r.n, blockRows))
	for first := 0; first < r.n; first += blockQueries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		kept := make([]shortlist, min(blockQueries, r.n-first))
		for i := range kept {
			kept[i].most = min(n, r.n-1)
			kept[i].list = make([]Neighbour, 0, kept[i].most)
		}
		for from := 0; from < r.n; from += blockRows {
			for i := range kept {
				r.offer(&kept[i], r.row(first+i), r.scales[first+i], first+i, from, sums, scores)
			}
		}
		for i := range kept {
			all[first+i] = kept[i].sorted()
		}
	}
	return all, nil
}

// offer compares a block of rows with a query; the row self is passed over.
func (r *rows) offer(kept *shortlist, code []int8, scale float32, self, from int, sums []int32, scores []float32) {
	to := min(r.n, from+blockRows)
	sums, scores = sums[:to-from], scores[:to-from]
	vec.DotRowsI8(sums, r.codes[from*r.dim:to*r.dim], r.dim, code)
	vec.ScoresI8(scores, sums, r.scales[from:to])
	for k, s := range scores {
		if s*scale > kept.worst() && from+k != self {
			kept.add(Neighbour{Place: int32(from + k), Similarity: s * scale})
		}
	}
}

// shortlist keeps the best, as a heap whose first is the worst of them.
type shortlist struct {
	list []Neighbour
	most int
}

// worst is what another one must be better than.
func (s *shortlist) worst() float32 {
	if len(s.list) < s.most {
		return -2
	}
	if s.most == 0 {
		return 2
	}
	return s.list[0].Similarity
}

func (s *shortlist) add(n Neighbour) {
	if len(s.list) < s.most {
		s.list = append(s.list, n)
		for at := len(s.list) - 1; at > 0 && worse(s.list[at], s.list[(at-1)/2]); at = (at - 1) / 2 {
			s.list[at], s.list[(at-1)/2] = s.list[(at-1)/2], s.list[at]
		}
		return
	}
	s.list[0] = n
	for at := 0; ; {
		child := 2*at + 1
		if child >= len(s.list) {
			return
		}
		if child+1 < len(s.list) && worse(s.list[child+1], s.list[child]) {
			child++
		}
		if !worse(s.list[child], s.list[at]) {
			return
		}
		s.list[at], s.list[child] = s.list[child], s.list[at]
		at = child
	}
}

func (s *shortlist) sorted() []Neighbour {
	slices.SortFunc(s.list, func(a, b Neighbour) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.Place, b.Place))
	})
	return s.list
}

// worse orders the heap; of equals the later row is worse.
func worse(a, b Neighbour) bool {
	return a.Similarity < b.Similarity || a.Similarity == b.Similarity && a.Place > b.Place
}
