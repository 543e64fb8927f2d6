package classify

import "math"

// clues is the number of things known about a leading route: its logit, the
// similarity of its nearest utterance, and the mean of its 3 and 8 nearest.
const clues = 4

// evidence is what is known about one prompt: of each leading route the clues.
type evidence struct {
	n      int
	routes [Leaders]int32
	x      [Leaders][clues]float32
	// nearestNone is the similarity of the nearest example without a route, and
	// nearestForeign that of the nearest prompt of the background; -1 without any.
	nearestNone, nearestForeign float32
	// place is where the prompt stands in the examples or the background.
	place int32
}

// set fills the clues of leader i.
func (e *evidence) set(i int, l Leader, t *nearest) {
	e.routes[i] = l.Route
	e.x[i] = [clues]float32{l.Logit, t.mean(1), t.mean(3), t.mean(NeighboursPerRoute)}
}

// fusion weighs the clues: a conditional logit over the leading routes.
type fusion [clues]float64

// opinion is what fusion makes of evidence.
type opinion struct {
	prob    [Leaders]float64 // of each leader; they sum to 1
	best    int              // the leader with the highest
	odds    float64          // log odds of the best being right, in -14 … 14
	nearest float64          // highest similarity among all leaders
	logit   float64          // raw logit of the best
	// nearestNone and nearestForeign are those of the evidence.
	nearestNone, nearestForeign float64
}

// judge never gives NaN for finite evidence.
func (f *fusion) judge(e *evidence) opinion {
	var o opinion
	top := math.Inf(-1)
	o.nearest, o.nearestNone, o.nearestForeign = -1, float64(e.nearestNone), float64(e.nearestForeign)
	for i := range e.n {
		s := 0.0
		for j, w := range f {
			s += w * float64(e.x[i][j])
		}
		o.prob[i] = s
		if s > top {
			top, o.best = s, i
		}
		o.nearest = max(o.nearest, float64(e.x[i][1]))
	}
	sum := 0.0
	for i := range e.n {
		o.prob[i] = math.Exp(o.prob[i] - top)
		sum += o.prob[i]
	}
	for i := range e.n {
		o.prob[i] /= sum
	}
	rest := 0.0
	for i := range e.n {
		if i != o.best {
			rest += o.prob[i]
		}
	}
	o.odds = min(14, max(-14, math.Log(o.prob[o.best])-math.Log(max(rest, 1e-9))))
	o.logit = float64(e.x[o.best][0])
	return o
}

// fitFusion finds the weights by maximum likelihood on held-out evidence, where
// labels name the right routes; prompts whose route does not lead say nothing.
// With few of them the weights stay near those of the classifier alone.
func fitFusion(held []evidence, labels []int32) fusion {
	var sum, square [clues]float64
	count, usable := 0.0, 0.0
	for i := range held {
		if held[i].find(labels[i]) >= 0 {
			usable++
		}
		for _, x := range held[i].x[:held[i].n] {
			count++
			for j, v := range x {
				sum[j] += float64(v)
				square[j] += float64(v) * float64(v)
			}
		}
	}
	if usable == 0 {
		return fusion{1}
	}
	var scale [clues]float64
	for j := range scale {
		scale[j] = math.Sqrt(max(square[j]/count-sum[j]/count*sum[j]/count, 0)) + 1e-6
	}
	prior := 1e-3 + 2/usable
	start := []float64{scale[0], 0, 0, 0}
	w := minimise(start, func(w, g []float64, h [][]float64) float64 {
		loss := 0.0
		for j := range w {
			diff := w[j] - start[j]
			loss += prior / 2 * diff * diff
			g[j], h[j][j] = prior*diff, prior
		}
		for i := range held {
			loss += held[i].learn(labels[i], w, scale, 1/usable, g, h)
		}
		return loss
	})
	var f fusion
	for j := range f {
		f[j] = w[j] / scale[j]
	}
	return f
}

// find returns the place of a route among the leaders, or -1.
func (e *evidence) find(route int32) int {
	for i := range e.n {
		if e.routes[i] == route {
			return i
		}
	}
	return -1
}

// learn adds the loss of one prompt and its derivatives, times share.
func (e *evidence) learn(label int32, w []float64, scale [clues]float64, share float64, g []float64, h [][]float64) float64 {
	right := e.find(label)
	if right < 0 {
		return 0
	}
	var p [Leaders]float64
	top := math.Inf(-1)
	for i := range e.n {
		for j := range w {
			p[i] += w[j] * float64(e.x[i][j]) / scale[j]
		}
		top = max(top, p[i])
	}
	own, sum := p[right]-top, 0.0
	for i := range e.n {
		p[i] = math.Exp(p[i] - top)
		sum += p[i]
	}
	var mean [clues]float64
	for i := range e.n {
		p[i] /= sum
		for j := range mean {
			mean[j] += p[i] * float64(e.x[i][j]) / scale[j]
		}
	}
	for j := range mean {
		g[j] += share * (mean[j] - float64(e.x[right][j])/scale[j])
		for k := range mean {
			second := 0.0
			for i := range e.n {
				second += p[i] * (float64(e.x[i][j])/scale[j] - mean[j]) * (float64(e.x[i][k])/scale[k] - mean[k])
			}
			h[j][k] += share * second
		}
	}
	return share * (math.Log(sum) - own)
}
