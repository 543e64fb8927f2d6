package suggest

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/semroute/semroute/internal/vec"
)

// pool are the prompts that belong to one route, with how near the nearest
// utterance of that route is to each.
type pool struct {
	route   string
	none    bool // what fits no route
	prompts []*Prompt
	weights []float64 // what it is worth to come nearer; 0 for those decided well
	near    []float32
	rows    []float32 // the vectors, one after the other
}

// What a prompt counts that is to be covered, for each time it was decided.
const (
	wrongWeight  = 1.0
	unsureWeight = 0.5
	guessWeight  = 0.25 // nobody has said where it belongs
)

func (p *Prompt) weight() float64 {
	w := 0.0
	switch {
	case !p.Known && (p.Wrong || p.Unsure):
		w = guessWeight
	case p.Wrong:
		w = wrongWeight
	case p.Unsure:
		w = unsureWeight
	}
	return w * float64(max(1, len(p.Decisions)))
}

// home is the route that a prompt is taken to belong to: what was said, else
// what the router finds most likely, ok only where there is something.
func (p *Prompt) home() (route string, none, ok bool) {
	switch {
	case p.Known:
		return p.Right, p.Right == "", true
	case p.Wrong && p.Leading != p.Decided && p.Leading != "":
		return p.Leading, false, true
	case p.Wrong && p.RunnerUp != "":
		return p.RunnerUp, false, true
	case p.Unsure && !p.Wrong && p.Leading != "":
		return p.Leading, false, true
	}
	return "", false, false
}

// newPool puts prompts beside the vectors that the route has.
func newPool(route string, none bool, prompts []*Prompt, own [][]float32) *pool {
	p := &pool{route: route, none: none, prompts: prompts, weights: make([]float64, len(prompts)), near: make([]float32, len(prompts))}
	for i, prompt := range prompts {
		p.weights[i] = prompt.weight()
		p.rows = append(p.rows, prompt.Vector...)
		p.near[i] = -1
		for _, v := range own {
			p.near[i] = max(p.near[i], vec.Dot(prompt.Vector, v))
		}
	}
	return p
}

// sims are the similarities of all prompts of the pool to one of them.
func (p *pool) sims(i int, room []float32) []float32 {
	room = slices.Grow(room[:0], len(p.prompts))[:len(p.prompts)]
	vector := p.prompts[i].Vector
	vec.DotRows(room, p.rows, len(vector), vector)
	return room
}

// gain is how much nearer the weighted prompts come when prompt i is added.
func (p *pool) gain(sims []float32) float64 {
	sum := 0.0
	for k, s := range sims {
		if w := p.weights[k]; w > 0 && s > p.near[k] {
			sum += w * float64(s-p.near[k])
		}
	}
	return sum
}

// candidate is a prompt that might be added to its route.
type candidate struct {
	pool  *pool
	place int
	gain  float64 // at most
	fresh int     // how many of the pool were taken when gain was computed
}

type queue []*candidate

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].gain > q[j].gain }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*candidate)) } //nolint:forcetypeassert // only candidates are pushed
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// taken is a prompt chosen to be added, with the prompts that came nearer.
type taken struct {
	pool    *pool
	place   int
	covered []int
	sims    []float32
}

// leastGain is the gain below which a prompt says nothing new.
const leastGain = 0.01

// cover chooses at most limit prompts over all pools, each the one that brings
// the weighted prompts of its route nearest to an utterance, given those
// chosen before: greedy facility location, which comes to at least 63 % of the
// best choice (Nemhauser, Wolsey and Fisher 1978), with lazy evaluation (Minoux
// 1978).
func cover(pools []*pool, limit int) []taken {
	var q queue
	var room []float32
	for _, p := range pools {
		for i := range p.prompts {
			if p.weights[i] > 0 {
				room = p.sims(i, room)
				q = append(q, &candidate{pool: p, place: i, gain: p.gain(room)})
			}
		}
	}
	slices.SortStableFunc(q, func(a, b *candidate) int { return cmp.Compare(b.gain, a.gain) }) // equal ones in their order
	heap.Init(&q)
	counts := map[*pool]int{}
	var out []taken
	for len(q) > 0 && len(out) < limit {
		best := q[0]
		room = best.pool.sims(best.place, room)
		if best.fresh != counts[best.pool] {
			best.fresh, best.gain = counts[best.pool], best.pool.gain(room)
			heap.Fix(&q, 0)
			continue
		}
		if best.gain < leastGain {
			break
		}
		heap.Pop(&q)
		counts[best.pool]++
		out = append(out, best.take(room))
	}
	return out
}

// take adds the candidate to what its route has.
func (c *candidate) take(sims []float32) taken {
	t := taken{pool: c.pool, place: c.place, sims: slices.Clone(sims)}
	for k, s := range sims {
		if s > c.pool.near[k] {
			c.pool.near[k] = s
			if c.pool.weights[k] > 0 {
				t.covered = append(t.covered, k)
			}
		}
	}
	slices.SortStableFunc(t.covered, func(a, b int) int { return cmp.Compare(t.sims[b], t.sims[a]) })
	return t
}
