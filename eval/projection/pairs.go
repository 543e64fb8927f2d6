package projection

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// The numbers of pairs are the paper's: of each point with its nearest ones, with
// some that are neither near nor far, and with others.
const (
	nearPairs = 10
	midPairs  = 5
	farPairs  = 20
	// candidates are the nearest of which the near pairs are chosen, midOf those of
	// which the second nearest makes a mid-near pair.
	candidates = 60
	midOf      = 6
)

// pairs are the partners of each point, row after row.
type pairs struct {
	near, mid, far          []int32
	perNear, perMid, perFar int
}

// choose makes the pairs of n points, of which near has the nearest.
func choose(r *rows, near [][]Neighbour, random *rand.Rand) *pairs {
	n := r.n
	p := &pairs{perNear: min(nearPairs, n-1), perMid: midPairs, perFar: farPairs}
	if n <= p.perNear+midOf+1 { // too few to choose others from
		p.perMid = 0
	}
	if n <= 2*p.perNear+1 {
		p.perFar = min(farPairs, n-1)
	}
	spread := spreads(near)
	for i := range n {
		own := chosen(near[i], spread, i, p.perNear)
		p.near = append(p.near, own...)
		for range p.perMid {
			p.mid = append(p.mid, r.midNear(i, random))
		}
		for range p.perFar {
			p.far = append(p.far, further(n, i, own, random))
		}
	}
	return p
}

// spreads are how far the fourth to sixth nearest of each point are on average.
func spreads(near [][]Neighbour) []float64 {
	spread := make([]float64, len(near))
	for i, list := range near {
		sum, count := 0.0, 0
		for k := min(3, len(list)); k < min(6, len(list)); k++ {
			sum += math.Sqrt(distance2(list[k].Similarity))
			count++
		}
		spread[i] = max(sum/float64(max(1, count)), 1e-5)
	}
	return spread
}

// distance2 is the square of the distance of unit vectors of that similarity.
func distance2(similarity float32) float64 { return float64(max(0, 2-2*similarity)) }

// chosen are the nearest of a point when distances are seen in proportion to how
// densely the points lie around both.
func chosen(list []Neighbour, spread []float64, i, n int) []int32 {
	type scaled struct {
		place    int32
		distance float64
	}
	all := make([]scaled, len(list))
	for k, c := range list {
		all[k] = scaled{c.Place, distance2(c.Similarity) / (spread[i] * spread[c.Place])}
	}
	slices.SortStableFunc(all, func(a, b scaled) int { return cmp.Compare(a.distance, b.distance) })
	own := make([]int32, n)
	for k := range own {
		own[k] = all[k].place
	}
	return own
}

// midNear is the second nearest of some others at random.
func (r *rows) midNear(i int, random *rand.Rand) int32 {
	first, second := Neighbour{Place: -1, Similarity: -2}, Neighbour{Place: -1, Similarity: -2}
	for range midOf {
		j := other(r.n, i, random)
		n := Neighbour{Place: int32(j), Similarity: r.similarity(i, j)}
		switch {
		case n.Similarity > first.Similarity:
			first, second = n, first
		case n.Similarity > second.Similarity:
			second = n
		}
	}
	if second.Place < 0 {
		return first.Place
	}
	return second.Place
}

// further is another point that is not among the near ones, if one is found soon.
func further(n, i int, own []int32, random *rand.Rand) int32 {
	j := other(n, i, random)
	for range 16 {
		if !slices.Contains(own, int32(j)) {
			break
		}
		j = other(n, i, random)
	}
	return int32(j)
}

// other is any point but i.
func other(n, i int, random *rand.Rand) int {
	j := random.IntN(n - 1)
	if j >= i {
		j++
	}
	return j
}
