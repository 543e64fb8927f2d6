package classify

import "github.com/semroute/semroute/internal/vec"

// Leaders is how many routes of the classifier's ranking are looked at more
// closely; neighbours are wanted for these only. The right route is among the
// first 8 for 99.7 % of the prompts of BANKING77.
const Leaders = 8

// NeighboursPerRoute is how many of the nearest utterances of a leading route
// Confidence can use; more do no harm.
const NeighboursPerRoute = 8

// Leader is one of the leading routes and its raw logit.
type Leader struct {
	Route int32
	Logit float32
}

// lead stores the highest logits in dst, best first, and returns how many
// there are. Of equal logits the lower route leads.
func lead(dst *[Leaders]Leader, logits []float32) int {
	var room [4 * Leaders]int32
	n := 0
	for _, route := range vec.AppendReaching(room[:0], logits, vec.EighthFloor(logits)) {
		n = insert(dst, n, Leader{route, logits[route]})
	}
	return n
}

// insert puts a route in its place among the n leaders of dst, where it
// belongs there, and returns how many there are then.
func insert(dst *[Leaders]Leader, n int, l Leader) int {
	if n == Leaders && l.Logit <= dst[n-1].Logit {
		return n
	}
	if n < Leaders {
		n++
	}
	i := n - 1
	for ; i > 0 && dst[i-1].Logit < l.Logit; i-- {
		dst[i] = dst[i-1]
	}
	dst[i] = l
	return n
}
