package projection

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/internal/vec"
)

// ErrVector says that a vector cannot be drawn.
var ErrVector = errors.New("this vector cannot be drawn")

// Method is how vectors are put on the plane.
type Method uint8

// The methods.
const (
	// PCA looks along the two directions in which the vectors differ most.
	PCA Method = iota
	// Neighbours keeps those together that are near each other: PaCMAP.
	Neighbours
)

// Point is a place on the plane. Those of the vectors that a map was made of lie
// within -1 … 1.
type Point struct{ X, Y float32 }

// Neighbour is a vector of the map near another one.
type Neighbour struct {
	// Place is its place among the vectors.
	Place int32
	// Similarity is the cosine, off by at most some thousandths.
	Similarity float32
}

// Map is a picture of vectors. It is immutable and safe for concurrent use.
type Map struct {
	rows    *rows
	flat    *components
	points  [2][]Point // by method
	near    []int32    // perPoint nearest of each vector, the nearest first
	perNear int
}

// New draws the vectors, all of one dimension and of length 1, in both ways. 10,000
// of 384 dimensions take seconds. It fails with ErrVector or the error of ctx.
func New(ctx context.Context, vectors [][]float32, seed uint64) (*Map, error) {
	for i, v := range vectors {
		if len(v) != len(vectors[0]) || len(v) == 0 || !vec.Finite(v) {
			return nil, fmt.Errorf("%w: number %d has %d components, not all of them finite or not as many as the first", ErrVector, i, len(v))
		}
	}
	m := &Map{rows: quantised(vectors)}
	var err error
	if m.flat, err = principal(ctx, vectors, seed); err != nil {
		return nil, err
	}
	raw := make([]Point, len(vectors))
	for i, v := range vectors {
		raw[i] = m.flat.project(v)
	}
	m.flat.frame = frameOf(raw)
	m.points[PCA] = make([]Point, len(raw))
	for i, p := range raw {
		m.points[PCA][i] = m.flat.frame.apply(p)
	}
	near, err := m.rows.nearestOfAll(ctx, candidates)
	if err != nil {
		return nil, err
	}
	m.perNear = min(nearPairs, max(0, len(vectors)-1))
	m.near = make([]int32, 0, m.perNear*len(vectors))
	for _, list := range near {
		for _, n := range list[:m.perNear] {
			m.near = append(m.near, n.Place)
		}
	}
	placed, err := manifold(ctx, m.rows, near, m.points[PCA], seed)
	if err != nil {
		return nil, err
	}
	frame := frameOf(placed)
	for i := range placed {
		placed[i] = frame.apply(placed[i])
	}
	m.points[Neighbours] = placed
	return m, nil
}

// Points are the places of the vectors, in their order; to be read only.
func (m *Map) Points(method Method) []Point { return m.points[method] }

// NearestOf are the places of the up to ten vectors nearest to one of them, the
// nearest first; to be read only.
func (m *Map) NearestOf(i int) []int32 { return m.near[i*m.perNear : (i+1)*m.perNear] }

// Nearest are the n vectors nearest to another one, the nearest first; of equals
// the earlier. It fails with ErrVector.
func (m *Map) Nearest(vector []float32, n int) ([]Neighbour, error) {
	if m.rows.n == 0 || n <= 0 {
		return nil, nil
	}
	if len(vector) != m.rows.dim || !vec.Finite(vector) {
		return nil, fmt.Errorf("%w: it has %d components, or one that is not finite; the map has %d", ErrVector, len(vector), m.rows.dim)
	}
	return m.rows.nearest(vector, n), nil
}

// Place puts a vector among the others: by PCA where it lies, by Neighbours among
// those that are nearest to it, which Nearest gave.
func (m *Map) Place(method Method, vector []float32, nearest []Neighbour) Point {
	if m.rows.n == 0 || len(nearest) == 0 {
		return Point{}
	}
	if method == PCA {
		return m.flat.frame.apply(m.flat.project(vector))
	}
	return among(m.points[Neighbours], nearest)
}

// closest keeps the weight of an equal vector finite: it then has nearly all.
const closest = 1e-3

// among is the mean of the neighbours' places, each weighed by how near it is.
func among(points []Point, nearest []Neighbour) Point {
	var x, y, sum float64
	for _, n := range nearest {
		distance := float64(max(0, 1-n.Similarity)) + closest
		weight := 1 / (distance * distance)
		x += weight * float64(points[n.Place].X)
		y += weight * float64(points[n.Place].Y)
		sum += weight
	}
	return Point{X: float32(x / sum), Y: float32(y / sum)}
}
