package classify

// problem is the training set as numbers. Features of an example are the dense
// part (the centred vector and the bias) and the sparse part; weights have one
// row a feature, dense rows first, and one column a route, padded to stride.
type problem struct {
	routes int
	stride int // columns of the weights, a multiple of 32
	dim    int // dense features: the vector's dimension + 1 for the bias
	rows   int // all features

	labels []int32
	dense  []float32 // examples × dim
	start  []int     // examples + 1; the sparse part of i is start[i]:start[i+1]
	ids    []uint32  // rows of the weights, so at least dim
	vals   []float32
	square []float32 // squared length of each example
	first  []uint32  // 0 … dim-1, the rows of the dense part
}

// columns is the smallest multiple of 32 that holds routes.
func columns(routes int) int { return (routes + 31) / 32 * 32 }

// newProblem describes examples by vocabulary v and mean.
func newProblem(e *Examples, v *vocabulary, mean []float32) *problem {
	p := &problem{
		routes: len(e.Routes), stride: columns(len(e.Routes)),
		dim: len(mean) + 1, rows: len(mean) + 1 + len(v.hashes), labels: e.Labels,
		dense: make([]float32, len(e.Texts)*(len(mean)+1)), start: []int{0},
	}
	p.first = firstRows(p.dim)
	var buf featureBuffer
	for i, text := range e.Texts {
		x := p.denseOf(i)
		center(x[:p.dim-1], e.Vectors[i], mean)
		x[p.dim-1] = biasValue
		buf.read(v, text)
		for k, id := range buf.ids {
			p.ids = append(p.ids, id+uint32(p.dim))
			p.vals = append(p.vals, buf.vals[k])
		}
		p.start = append(p.start, len(p.ids))
	}
	p.measure()
	return p
}

// firstRows is 0 … n-1.
func firstRows(n int) []uint32 {
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	return rows
}

// scaled is the same problem with the n-grams weighted by scale.
func (p *problem) scaled(scale float32) *problem {
	q := *p
	q.vals = make([]float32, len(p.vals))
	for i, x := range p.vals {
		q.vals[i] = scale * x
	}
	q.measure()
	return &q
}

// measure computes the squared lengths.
func (p *problem) measure() {
	p.square = make([]float32, len(p.labels))
	for i := range p.square {
		for _, x := range p.denseOf(i) {
			p.square[i] += x * x
		}
		_, vals := p.sparseOf(i)
		for _, x := range vals {
			p.square[i] += x * x
		}
	}
}

func (p *problem) denseOf(i int) []float32 { return p.dense[i*p.dim : (i+1)*p.dim] }

func (p *problem) sparseOf(i int) ([]uint32, []float32) {
	a, b := p.start[i], p.start[i+1]
	return p.ids[a:b], p.vals[a:b]
}
