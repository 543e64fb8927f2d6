package suggest

import (
	"slices"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// cluster is a group of prompts around one of them.
type cluster struct {
	centre  int
	members []int // the centre first, then the nearest
}

// leastCluster is how many different prompts a new route must be asked for by.
const leastCluster = 5

// clusters groups vectors around those with the most neighbours at a cosine of
// at least near, the largest group first; each is in one group only (Taylor 1995;
// Butina 1999). Groups of fewer than least are left out.
func clusters(vectors [][]float32, near float32, least int) []cluster {
	neighbours := make([][]int, len(vectors))
	for i := range vectors {
		for k := range i {
			if vec.Dot(vectors[i], vectors[k]) >= near {
				neighbours[i] = append(neighbours[i], k)
				neighbours[k] = append(neighbours[k], i)
			}
		}
	}
	gone := make([]bool, len(vectors))
	var out []cluster
	for {
		best, most := -1, least-2
		for i, list := range neighbours {
			if !gone[i] && len(list) > most {
				best, most = i, len(list)
			}
		}
		if best < 0 {
			return out
		}
		c := cluster{centre: best, members: append([]int{best}, neighbours[best]...)}
		slices.SortStableFunc(c.members[1:], func(a, b int) int {
			da, db := vec.Dot(vectors[best], vectors[a]), vec.Dot(vectors[best], vectors[b])
			if da != db {
				if da > db {
					return -1
				}
				return 1
			}
			return a - b
		})
		for _, m := range c.members {
			gone[m] = true
		}
		for i := range neighbours {
			neighbours[i] = slices.DeleteFunc(neighbours[i], func(k int) bool { return gone[k] })
		}
		out = append(out, c)
	}
}

// sampled bounds the utterances that tell how near is near.
const sampled = 400

// nearness is what utterances of one route have among each other by this
// embedder, as medians of cosines: to the nearest other one, and to any.
type nearness struct{ nearest, any float32 }

func usualNearness(entries []index.Entry) nearness {
	byRoute := map[string][][]float32{}
	for i := range entries {
		byRoute[entries[i].Route] = append(byRoute[entries[i].Route], entries[i].Vector)
	}
	var nearest, all []float32
	step := max(1, len(entries)/sampled)
	for i := 0; i < len(entries); i += step {
		best, found := float32(-1), false
		for _, other := range byRoute[entries[i].Route] {
			if &other[0] != &entries[i].Vector[0] {
				similarity := vec.Dot(entries[i].Vector, other)
				best, found = max(best, similarity), true
				all = append(all, similarity)
			}
		}
		if found {
			nearest = append(nearest, best)
		}
	}
	return nearness{median(nearest), median(all)}
}

// median is that of cosines; of none it is that of near-duplicates.
func median(cosines []float32) float32 {
	if len(cosines) == 0 {
		return nearDuplicate
	}
	slices.Sort(cosines)
	return cosines[len(cosines)/2]
}
