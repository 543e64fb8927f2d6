package classify

import "math"

// objective returns the value of a smooth convex function at w and stores its
// gradient and Hessian. Both are zero when it is called.
type objective func(w, gradient []float64, hessian [][]float64) float64

// minimise finds the minimum of f from w on by Newton steps that are halved
// until they help. f must be strictly convex (all uses here carry a quadratic
// prior) and of a few dimensions.
func minimise(w []float64, f objective) []float64 {
	d := len(w)
	w = append([]float64(nil), w...)
	g, h := make([]float64, d), square(d)
	eval := func(at []float64) float64 {
		clear(g)
		for _, row := range h {
			clear(row)
		}
		return f(at, g, h)
	}
	next := make([]float64, d)
	value := eval(w)
	for range 50 {
		step := solve(h, g)
		size, better := 1.0, false
		for range 30 {
			for i := range w {
				next[i] = w[i] - size*step[i]
			}
			if v := eval(next); v < value {
				better = value-v > 1e-12*(1+math.Abs(value))
				value = v
				copy(w, next)
				break
			}
			size /= 2
		}
		if !better {
			break
		}
	}
	return w
}

func square(d int) [][]float64 {
	m := make([][]float64, d)
	for i := range m {
		m[i] = make([]float64, d)
	}
	return m
}

// solve returns the x with a x = b for a symmetric positive definite a, by
// Cholesky's decomposition. A pivot too small is raised, which shortens the
// step.
func solve(a [][]float64, b []float64) []float64 {
	d := len(b)
	l := square(d)
	for i := range d {
		for j := 0; j <= i; j++ {
			s := a[i][j]
			for k := range j {
				s -= l[i][k] * l[j][k]
			}
			if i == j {
				l[i][i] = math.Sqrt(max(s, 1e-9))
			} else {
				l[i][j] = s / l[j][j]
			}
		}
	}
	x := append([]float64(nil), b...)
	for i := range d {
		for k := range i {
			x[i] -= l[i][k] * x[k]
		}
		x[i] /= l[i][i]
	}
	for i := d - 1; i >= 0; i-- {
		for k := i + 1; k < d; k++ {
			x[i] -= l[k][i] * x[k]
		}
		x[i] /= l[i][i]
	}
	return x
}

// sigmoid is 1 / (1 + e^-x).
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softplus is ln(1 + e^x) without overflow.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// logistic fits weights, the last one constant, so that sigmoid(w·x + w_last) is
// the probability of target. It minimises the weighted mean loss plus
// prior/2 × ‖w - start‖², where prior may differ by weight.
func logistic(xs [][]float64, target, weight, start, prior []float64) []float64 {
	d := len(start)
	var total float64
	for _, w := range weight {
		total += w
	}
	return minimise(start, func(w, g []float64, h [][]float64) float64 {
		loss := 0.0
		for j := range d {
			diff := w[j] - start[j]
			loss += prior[j] / 2 * diff * diff
			g[j] = prior[j] * diff
			h[j][j] = prior[j]
		}
		for i, x := range xs {
			s := w[d-1]
			for j, v := range x {
				s += w[j] * v
			}
			share := weight[i] / total
			p := sigmoid(s)
			loss += share * (softplus(s) - target[i]*s)
			addOuter(g, h, x, share*(p-target[i]), share*p*(1-p))
		}
		return loss
	})
}

// addOuter adds slope × (x,1) to g and curve × (x,1)(x,1)ᵀ to h.
func addOuter(g []float64, h [][]float64, x []float64, slope, curve float64) {
	d := len(g)
	at := func(j int) float64 {
		if j == d-1 {
			return 1
		}
		return x[j]
	}
	for j := range d {
		g[j] += slope * at(j)
		for k := range d {
			h[j][k] += curve * at(j) * at(k)
		}
	}
}
